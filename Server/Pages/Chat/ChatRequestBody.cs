using System.Text.Json;

namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>A conversation as a request for its next reply.</summary>
internal static class ChatRequestBody
{
    /// <summary>JSON: CreateChatCompletionRequest, streamed, with usage.</summary>
    /// <param name="conversation">What was said, and how to reply.</param>
    /// <param name="seed">Where the conversation has none: with one, a router goes on with the reply when the instance that made it is lost.</param>
    public static byte[] Of(Conversation conversation, long seed)
    {
        var sampling = conversation.Sampling;
        var body = new ChatBody(
            conversation.Model,
            [.. MessagesOf(conversation)],
            true,
            new(IncludeUsage: true),
            sampling.Temperature,
            sampling.TopP,
            sampling.TopK,
            sampling.MinP,
            sampling.TypicalP,
            sampling.RepeatPenalty,
            sampling.PresencePenalty,
            sampling.FrequencyPenalty,
            sampling.MaxTokens,
            sampling.Seed ?? seed);
        return JsonSerializer.SerializeToUtf8Bytes(body, ChatJson.Wire.ChatBody);
    }

    private static IEnumerable<ChatBodyMessage> MessagesOf(Conversation conversation)
    {
        if (!string.IsNullOrWhiteSpace(conversation.SystemPrompt))
        {
            yield return new("system", conversation.SystemPrompt);
        }

        // A reply that failed before its first word is nothing that the model has said.
        foreach (var turn in conversation.Turns.Where(turn => turn.Role == TurnRole.User || turn.Text.Length > 0))
        {
            yield return new(turn.Role == TurnRole.User ? "user" : "assistant", turn.Text);
        }
    }
}
