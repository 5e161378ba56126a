using System.Text;

namespace ManagedSwarm.Server.Pages.Chat.Rendering;

/// <summary>HTML that is being written: tags come from this program only, and all that others wrote is encoded.</summary>
internal sealed class HtmlText
{
    private readonly StringBuilder _html = new();

    /// <summary>Markup of this program's own.</summary>
    /// <param name="constant">No part of it may come from elsewhere.</param>
    public HtmlText Tag(string constant)
    {
        _html.Append(constant);
        return this;
    }

    /// <summary>Anybody's text, good between tags and between quotes.</summary>
    public HtmlText Text(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            _ = c switch
            {
                '&' => _html.Append("&amp;"),
                '<' => _html.Append("&lt;"),
                '>' => _html.Append("&gt;"),
                '"' => _html.Append("&quot;"),
                '\'' => _html.Append("&#39;"),
                // HTML has no way to say it.
                '\0' => _html.Append('\uFFFD'),
                _ => _html.Append(c),
            };
        }

        return this;
    }

    public override string ToString() => _html.ToString();
}
