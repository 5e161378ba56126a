namespace ManagedSwarm.Engine.Templates.Values;

/// <summary>HTML, which chat templates hardly use: what <c>safe</c> and <c>escape</c> mean.</summary>
internal static class Markup
{
    /// <summary>The value's text, escaped unless it is markup.</summary>
    public static string Escape(Value value, Runtime.RenderState state, bool evenMarkup = false)
    {
        var text = value.ToText(state);
        return value is StringValue { IsMarkup: true } && !evenMarkup ? text : Escape(text, state);
    }

    private static string Escape(string text, Runtime.RenderState state)
    {
        var output = new Runtime.TextBuffer(state);
        foreach (var c in text)
        {
            output.Append(c switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '\'' => "&#39;",
                '"' => "&#34;",
                _ => new ReadOnlySpan<char>(in c),
            });
        }

        return output.ToString();
    }
}
