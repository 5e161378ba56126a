using System.Text.Json;

namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>
/// A conversation as the browser keeps it: JSON with a version. What comes back from there may be anything: of an older program, or of whoever
/// has changed it.
/// </summary>
internal static class ConversationText
{
    public const int Version = 1;

    /// <summary>Characters; the oldest turns of a longer one are not kept. In UTF-8, and quoted once more, it fits one message of the browser.</summary>
    public const int MaxLength = 250_000;

    private const int MaxId = 64;

    /// <returns>At most <see cref="MaxLength"/> characters; null: one turn alone has more.</returns>
    public static string? Write(Conversation conversation)
    {
        while (true)
        {
            var text = JsonSerializer.Serialize(new KeptConversation(Version, conversation), ChatJson.Kept.KeptConversation);
            if (text.Length <= MaxLength)
            {
                return text;
            }

            if (conversation.Turns.Count <= 1)
            {
                return null;
            }

            conversation = conversation with { Turns = [.. conversation.Turns.Skip(Math.Max(1, conversation.Turns.Count / 4))] };
        }
    }

    /// <returns>Null: it is none that can be read.</returns>
    public static Conversation? Read(string? text)
    {
        if (text is null or { Length: 0 or > MaxLength })
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(text, ChatJson.Kept.KeptConversation) is { Version: Version, Conversation: { } kept } && IsWhole(kept) ? kept : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Nullability is no concern of the serializer.
    private static bool IsWhole(Conversation kept) =>
        kept is { Id.Length: > 0 and <= MaxId, SystemPrompt: not null, Sampling: not null, Turns: not null }
        && kept.Turns.All(turn => turn is { Text: not null } && Enum.IsDefined(turn.Role) && (turn.Facts is not { } facts || IsWhole(facts)));

    private static bool IsWhole(ReplyFacts facts) =>
        facts is { Model: not null, Nodes: not null } && Enum.IsDefined(facts.End) && facts.Nodes.All(node => node is { Name: not null });
}
