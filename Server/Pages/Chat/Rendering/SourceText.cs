using Markdig.Syntax;

namespace ManagedSwarm.Server.Pages.Chat.Rendering;

/// <summary>What a part of a text was before it was parsed.</summary>
internal static class SourceText
{
    public static ReadOnlySpan<char> Of(string source, SourceSpan span)
    {
        var start = Math.Clamp(span.Start, 0, source.Length);
        return source.AsSpan(start, Math.Clamp(span.End + 1 - start, 0, source.Length - start));
    }
}
