using Markdig;
using Markdig.Extensions.EmphasisExtras;
using Markdig.Syntax;

namespace ManagedSwarm.Server.Pages.Chat.Rendering;

/// <summary>
/// Markdown (https://spec.commonmark.org, with tables, task lists, strikethrough and bare links) as HTML that is safe whoever wrote it: tags in
/// the text are text, images are links, and what is not known to be harmless is shown as it was written.
/// </summary>
internal static class SafeMarkdown
{
    /// <summary>Characters that are parsed at once; more are shown as they are. The parser's worst texts take the square of their length.</summary>
    public const int MaxParsed = 16 * 1024;

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .DisableHtml()
        .UsePipeTables()
        .UseEmphasisExtras(EmphasisExtraOptions.Strikethrough)
        .UseTaskLists()
        .UseAutoLinks()
        .Build();

    /// <summary>A whole text as HTML.</summary>
    public static string ToHtml(string text) => string.Concat(BlocksOf(text).Select(block => block.Html));

    /// <summary>A text's outermost blocks, in their order: each one's HTML, and where the line begins that it begins on.</summary>
    public static IReadOnlyList<(int Start, string Html)> BlocksOf(string text)
    {
        if (text.Length > MaxParsed)
        {
            return [(0, Plain(text))];
        }

        try
        {
            var document = Markdown.Parse(text, Pipeline);
            return [.. document.Where(block => block is not LinkReferenceDefinitionGroup).Select(block => (LineOf(text, block), new BlockHtml(text).Of(block)))];
        }
        catch (ArgumentException)
        {
            // How the parser says that something is nested too deep.
            return [(0, Plain(text))];
        }
    }

    private static string Plain(string text) => new HtmlText().Tag("<pre class=\"plain\">").Text(text).Tag("</pre>").ToString();

    private static int LineOf(string text, Block block)
    {
        var start = Math.Clamp(block.Span.Start, 0, text.Length);
        return start == 0 ? 0 : text.LastIndexOf('\n', start - 1) + 1;
    }
}
