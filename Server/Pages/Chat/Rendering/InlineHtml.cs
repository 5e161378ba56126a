using Markdig.Extensions.TaskLists;
using Markdig.Syntax.Inlines;

namespace ManagedSwarm.Server.Pages.Chat.Rendering;

/// <summary>Writes what is in a block of Markdown: text, emphasis, code, links.</summary>
/// <param name="source">What was parsed.</param>
/// <param name="html">Where to.</param>
internal sealed class InlineHtml(string source, HtmlText html)
{
    // A page that is opened must know neither who opened it nor from where, and search engines need not follow a model's word.
    private const string LinkEnd = "\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">";

    private int _depth;

    /// <param name="inlines">Null: there are none.</param>
    public void Write(ContainerInline? inlines)
    {
        for (var inline = inlines?.FirstChild; inline is not null; inline = inline.NextSibling)
        {
            Write(inline);
        }
    }

    private void Write(Inline inline)
    {
        switch (inline)
        {
            case LiteralInline literal:
                html.Text(literal.Content.AsSpan());
                break;
            case CodeInline code:
                html.Tag("<code>").Text(code.Content).Tag("</code>");
                break;
            // Models mean a line's end where they write one, unlike people whose editor breaks lines.
            case LineBreakInline:
                html.Tag("<br>");
                break;
            case HtmlEntityInline entity:
                html.Text(entity.Transcoded.AsSpan());
                break;
            case AutolinkInline link:
                WriteLink((link.IsEmail ? "mailto:" : "") + link.Url, () => html.Text(link.Url));
                break;
            case TaskList task:
                html.Tag(task.Checked ? "&#9745;" : "&#9744;");
                break;
            // What is deeper keeps its text, and loses its tags; how deep that can be, the parser limits.
            case ContainerInline container when _depth >= BlockHtml.MaxDepth:
                Write(container);
                break;
            case ContainerInline container:
                _depth++;
                WriteContainer(container);
                _depth--;
                break;
            default:
                html.Text(SourceText.Of(source, inline.Span));
                break;
        }
    }

    private void WriteContainer(ContainerInline container)
    {
        switch (container)
        {
            case LinkInline { IsImage: true } image:
                WriteImage(image);
                break;
            case LinkInline link:
                WriteLink(link.Url, () => Write(link));
                break;
            case EmphasisInline emphasis:
                WriteEmphasis(emphasis);
                break;
            case DelimiterInline delimiter:
                html.Text(delimiter.ToLiteral());
                Write(delimiter);
                break;
            default:
                Write(container);
                break;
        }
    }

    private void WriteEmphasis(EmphasisInline emphasis)
    {
        var tag = (emphasis.DelimiterChar, emphasis.DelimiterCount) switch
        {
            ('~', _) => "del",
            (_, 1) => "em",
            _ => "strong",
        };
        html.Tag($"<{tag}>");
        Write(emphasis);
        html.Tag($"</{tag}>");
    }

    /// <summary>Nothing is fetched from where a model says: its server would learn who reads this, and what the address has been made to carry.</summary>
    private void WriteImage(LinkInline image)
    {
        html.Tag("<span class=\"image\">");
        WriteLink(image.Url, () =>
        {
            html.Text("image");
            if (image.FirstChild is not null)
            {
                html.Text(": ");
                Write(image);
            }
        });
        html.Tag("</span>");
    }

    private void WriteLink(string? address, Action writeText)
    {
        var safe = SafeLink.Of(address);
        if (safe is not null)
        {
            html.Tag("<a href=\"").Text(safe).Tag(LinkEnd);
        }

        writeText();
        if (safe is not null)
        {
            html.Tag("</a>");
        }
    }
}
