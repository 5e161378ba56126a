using System.Text;

namespace ManagedSwarm.Server.Pages.Chat.Rendering;

/// <summary>
/// Markdown that grows at its end, as a reply does. A block is settled when another one has begun behind it on a line that is over; only what
/// is behind the settled ones is parsed again. One thread at a time.
/// </summary>
internal sealed class StreamedMarkdown
{
    private readonly StringBuilder _text = new();
    private readonly List<string> _settled = [];
    private int _settledLength;
    private string _open = "";

    /// <summary>All that has come.</summary>
    public string Text => _text.ToString();

    public int Length => _text.Length;

    /// <summary>The HTML of its blocks. The last one may change; and all, once, by <see cref="Finish"/>.</summary>
    public IReadOnlyList<string> Blocks => _open.Length == 0 ? _settled : [.. _settled, _open];

    /// <summary>A text that is at its end.</summary>
    public static StreamedMarkdown Of(string text)
    {
        const int Part = SafeMarkdown.MaxParsed / 4;
        var markdown = new StreamedMarkdown();
        for (var start = 0; start < text.Length; start += Part)
        {
            markdown.Append(text.AsSpan(start, Math.Min(Part, text.Length - start)));
            markdown.Render();
        }

        markdown.Finish();
        return markdown;
    }

    /// <summary>More of it is there; <see cref="Render"/> makes it be seen.</summary>
    public void Append(ReadOnlySpan<char> text) => _text.Append(text);

    /// <summary>Parses what is not settled.</summary>
    public void Render()
    {
        var rest = _text.ToString(_settledLength, _text.Length - _settledLength);
        var blocks = SafeMarkdown.BlocksOf(rest);
        var settled = CountSettled(rest, blocks);
        _settled.AddRange(blocks.Take(settled).Select(block => block.Html));
        _settledLength += settled == 0 ? 0 : blocks[settled].Start;
        _open = string.Concat(blocks.Skip(settled).Select(block => block.Html));
    }

    /// <summary>It is at its end: links whose addresses stand in other blocks are resolved.</summary>
    public void Finish()
    {
        Render();
        if (_text.Length > SafeMarkdown.MaxParsed)
        {
            return;
        }

        var text = Text;
        if (text.Contains("]:", StringComparison.Ordinal))
        {
            _settled.Clear();
            (_settledLength, _open) = (_text.Length, SafeMarkdown.ToHtml(text));
        }
    }

    /// <summary>All but the last; but the last two where the last one's first line is not over: what follows there may make it a part of the one before.</summary>
    private static int CountSettled(string text, IReadOnlyList<(int Start, string Html)> blocks)
    {
        if (blocks.Count == 0)
        {
            return 0;
        }

        var isOver = text.IndexOf('\n', blocks[^1].Start) >= 0;
        return Math.Max(0, blocks.Count - (isOver ? 1 : 2));
    }
}
