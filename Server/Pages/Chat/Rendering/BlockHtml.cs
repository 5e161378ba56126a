using System.Globalization;
using Markdig.Extensions.Tables;
using Markdig.Syntax;

namespace ManagedSwarm.Server.Pages.Chat.Rendering;

/// <summary>Writes blocks of Markdown. Headings begin at the third level: the page and its sections have the first two.</summary>
/// <param name="source">What was parsed.</param>
internal sealed class BlockHtml(string source)
{
    /// <summary>Levels of blocks, and of emphasis in them, that become tags; what is deeper is shown as it was written.</summary>
    public const int MaxDepth = 32;

    private const int FirstHeading = 3;
    private const int LastHeading = 6;
    private const int LongestLanguage = 20;

    private readonly HtmlText _html = new();
    private int _depth;

    /// <summary>The HTML of a block.</summary>
    public string Of(Block block)
    {
        Write(block);
        return _html.ToString();
    }

    private void Write(Block block)
    {
        if (_depth >= MaxDepth)
        {
            WriteSource(block);
            return;
        }

        _depth++;
        switch (block)
        {
            case HeadingBlock heading:
                var level = Math.Min(heading.Level + FirstHeading - 1, LastHeading);
                WriteInlines($"<h{level}>", heading, $"</h{level}>");
                break;
            case CodeBlock code:
                WriteCode(code);
                break;
            case ThematicBreakBlock:
                _html.Tag("<hr>");
                break;
            case QuoteBlock quote:
                WriteAll("<blockquote>", quote, "</blockquote>");
                break;
            case ListBlock list:
                WriteList(list);
                break;
            case Table table:
                WriteTable(table);
                break;
            case ParagraphBlock paragraph:
                WriteInlines("<p>", paragraph, "</p>");
                break;
            case LinkReferenceDefinitionGroup:
                break;
            default:
                WriteSource(block);
                break;
        }

        _depth--;
    }

    private void WriteAll(string open, ContainerBlock blocks, string close)
    {
        _html.Tag(open);
        foreach (var block in blocks)
        {
            Write(block);
        }

        _html.Tag(close);
    }

    private void WriteInlines(string open, LeafBlock block, string close)
    {
        _html.Tag(open);
        new InlineHtml(source, _html).Write(block.Inline);
        _html.Tag(close);
    }

    private void WriteCode(CodeBlock code)
    {
        var language = (code as FencedCodeBlock)?.Info is { } info && info.All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '#' or '.')
            ? info[..Math.Min(info.Length, LongestLanguage)]
            : "";
        _html.Tag("<div class=\"code\"><div class=\"code-bar\"><span>").Text(language)
            .Tag("</span><button type=\"button\" class=\"copy\" data-copy-of=\".code\">Copy</button></div><pre tabindex=\"0\"><code>");
        for (var i = 0; i < code.Lines.Count; i++)
        {
            _html.Text(code.Lines.Lines[i].Slice.AsSpan()).Tag("\n");
        }

        _html.Tag("</code></pre></div>");
    }

    private void WriteList(ListBlock list)
    {
        var isNumbered = int.TryParse(list.OrderedStart, NumberStyles.None, CultureInfo.InvariantCulture, out var first);
        _html.Tag(!list.IsOrdered ? "<ul>" : isNumbered && first != 1 ? FormattableString.Invariant($"<ol start=\"{first}\">") : "<ol>");
        foreach (var item in list.OfType<ListItemBlock>())
        {
            _html.Tag("<li>");
            foreach (var block in item)
            {
                if (block is ParagraphBlock paragraph && !list.IsLoose)
                {
                    WriteInlines("", paragraph, "");
                }
                else
                {
                    Write(block);
                }
            }

            _html.Tag("</li>");
        }

        _html.Tag(list.IsOrdered ? "</ol>" : "</ul>");
    }

    private void WriteTable(Table table)
    {
        _html.Tag("<div class=\"table-scroll\" tabindex=\"0\"><table>");
        foreach (var row in table.OfType<TableRow>())
        {
            _html.Tag("<tr>");
            for (var i = 0; i < row.Count; i++)
            {
                if (row[i] is TableCell cell)
                {
                    WriteCell(cell, row.IsHeader ? "th" : "td", i < table.ColumnDefinitions.Count ? table.ColumnDefinitions[i].Alignment : null);
                }
            }

            _html.Tag("</tr>");
        }

        _html.Tag("</table></div>");
    }

    private void WriteCell(TableCell cell, string tag, TableColumnAlign? align)
    {
        _html.Tag($"<{tag}").Tag(align switch
        {
            TableColumnAlign.Center => " class=\"align-center\">",
            TableColumnAlign.Right => " class=\"align-right\">",
            _ => ">",
        });
        foreach (var block in cell)
        {
            if (block is ParagraphBlock paragraph)
            {
                WriteInlines("", paragraph, "");
            }
            else
            {
                Write(block);
            }
        }

        _html.Tag($"</{tag}>");
    }

    private void WriteSource(Block block) =>
        _html.Tag("<pre class=\"plain\">").Text(SourceText.Of(source, block.Span)).Tag("</pre>");
}
