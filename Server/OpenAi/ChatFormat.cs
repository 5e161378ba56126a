using System.Text.Json;
using ManagedSwarm.Engine.Generation;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>Writes <c>chat.completion</c> and <c>chat.completion.chunk</c>.</summary>
internal sealed class ChatFormat(ReplyIdentity identity) : IReplyFormat
{
    public byte[]? OpeningChunk(int choice) => Chunk(new(choice, new("assistant", ""), null, null));

    public byte[]? TextChunk(TextGenerated text)
    {
        // A token in the middle of a character has no text yet, but may have log-probabilities.
        var logProbs = TokenText.ToChat(text.Tokens, identity.LogProbs);
        return text.Text.Length == 0 && logProbs is not { Content.Count: > 0 }
            ? null
            : Chunk(new(text.Choice, new(null, text.Text), logProbs, null));
    }

    public byte[] FinalChunk(ChoiceFinished finished) =>
        Chunk(new(finished.Choice, new(null, null), null, ReplyIdentity.Word(finished.Reason)));

    public byte[] LastChunk(Usage? usage, ExtensionBody? extension) => Write([], usage, extension);

    public byte[] Whole(IReadOnlyList<CollectedChoice> choices, Usage usage, ExtensionBody? extension)
    {
        ChatChoice[] all =
        [
            .. choices.Select(choice => new ChatChoice(
                choice.Index,
                new("assistant", choice.Text.ToString(), null),
                TokenText.ToChat(choice.Tokens, identity.LogProbs),
                ReplyIdentity.Word(choice.Reason))),
        ];
        return JsonSerializer.SerializeToUtf8Bytes(identity.Reply("chat.completion", all, usage, extension), OpenAiJson.Wire.ChatReply);
    }

    private byte[] Chunk(ChatChunkChoice choice) => Write([choice], null);

    private byte[] Write(ChatChunkChoice[] choices, Usage? usage, ExtensionBody? extension = null) =>
        JsonSerializer.SerializeToUtf8Bytes(identity.Reply("chat.completion.chunk", choices, usage, extension), OpenAiJson.Wire.ChatChunk);
}
