namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>A conversation, with what its next request is made of.</summary>
public sealed record Conversation
{
    public const int MaxTitle = 60;

    /// <summary>What the browser keeps it by.</summary>
    public required string Id { get; init; }

    /// <summary>The model that is asked next; null: any.</summary>
    public string? Model { get; init; }

    public string SystemPrompt { get; init; } = "";

    public SamplingSettings Sampling { get; init; } = new();

    public IReadOnlyList<Turn> Turns { get; init; } = [];

    /// <summary>The beginning of what was asked first.</summary>
    public string Title => Turns.FirstOrDefault(turn => turn.Role == TurnRole.User) is { } first ? Shorten(first.Text) : "New chat";

    /// <summary>A new one, with the settings of another.</summary>
    public static Conversation New(Conversation? before = null) =>
        (before ?? new() { Id = "" }) with { Id = Guid.NewGuid().ToString("N"), Turns = [] };

    private static string Shorten(string text)
    {
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= MaxTitle ? line : string.Concat(line.AsSpan(0, MaxTitle - 1).TrimEnd(), "…");
    }
}
