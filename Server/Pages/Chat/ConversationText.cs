using System.Text.Json;

namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>
/// A conversation as the browser keeps it: JSON with a version. What comes back from there may be anything: of an older program, or of whoever
/// has changed it.
/// </summary>
internal static class ConversationText
{
    public const int Version = 1;

    /// <summary>Characters; the oldest turns of a longer one are not kept.</summary>
    public const int MaxLength = 400_000;

    private const int MaxId = 64;

    /// <summary>At most <see cref="MaxLength"/> characters, if one turn alone has no more.</summary>
    public static string Write(Conversation conversation)
    {
        while (true)
        {
            var text = JsonSerializer.Serialize(new KeptConversation(Version, conversation), ChatJson.Kept.KeptConversation);
            if (text.Length <= MaxLength || conversation.Turns.Count <= 1)
            {
                return text;
            }

            conversation = conversation with { Turns = [.. conversation.Turns.Skip(Math.Max(1, conversation.Turns.Count / 4))] };
        }
    }

    /// <returns>Null: it is none that can be read.</returns>
    public static Conversation? Read(string? text)
    {
        if (text is null or { Length: 0 or > 2 * MaxLength })
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
