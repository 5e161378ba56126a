using System.Text.Json;
using ManagedSwarm.Engine.Generation;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>Writes <c>text_completion</c>: its chunks have the same shape as the whole.</summary>
/// <param name="identity">What all chunks share.</param>
/// <param name="echoes">What each choice's text begins with: its prompt, or nothing.</param>
internal sealed class CompletionFormat(ReplyIdentity identity, IReadOnlyList<string> echoes) : IReplyFormat
{
    // Characters of each choice's text so far, for text_offset.
    private readonly int[] _offsets = [.. echoes.Select(echo => echo.EnumerateRunes().Count())];

    public byte[]? OpeningChunk(int choice) => echoes[choice].Length == 0 ? null : Write([new(echoes[choice], choice, null, null)], null);

    public byte[]? TextChunk(TextGenerated text)
    {
        var logProbs = LogProbs(text.Choice, text.Tokens);
        return text.Text.Length == 0 && logProbs is not { Tokens.Count: > 0 }
            ? null
            : Write([new(text.Text, text.Choice, logProbs, null)], null);
    }

    public byte[] FinalChunk(ChoiceFinished finished) =>
        Write([new("", finished.Choice, null, ReplyIdentity.Word(finished.Reason))], null);

    public byte[] LastChunk(Usage? usage, ExtensionBody? extension) => Write([], usage, extension);

    public byte[] Whole(IReadOnlyList<CollectedChoice> choices, Usage usage, ExtensionBody? extension) =>
        Write([.. choices.Select(Collected)], usage, extension);

    private CompletionChoice Collected(CollectedChoice choice) => new(
        echoes[choice.Index] + choice.Text, choice.Index, LogProbs(choice.Index, choice.Tokens), ReplyIdentity.Word(choice.Reason));

    private byte[] Write(CompletionChoice[] choices, Usage? usage, ExtensionBody? extension = null) =>
        JsonSerializer.SerializeToUtf8Bytes(identity.Reply("text_completion", choices, usage, extension), OpenAiJson.Wire.CompletionReply);

    private CompletionLogProbs? LogProbs(int choice, IReadOnlyList<GeneratedToken> tokens)
    {
        if (!identity.LogProbs)
        {
            return null;
        }

        int[] offsets = [.. tokens.Select(token => Advance(choice, token.Bytes.Span))];
        var anyTop = tokens.Any(token => token.Top.Count > 0);
        return new(
            offsets,
            [.. tokens.Select(token => TokenText.Finite(token.LogProb))],
            [.. tokens.Select(token => TokenText.Of(token.Bytes.Span))],
            anyTop ? [.. tokens.Select(Top)] : null);
    }

    /// <summary>Where the token begins; then moves on behind it. One that goes on with a character begins where that one does.</summary>
    private int Advance(int choice, ReadOnlySpan<byte> bytes)
    {
        var offset = _offsets[choice];
        _offsets[choice] += TokenText.CountCharacterStarts(bytes);
        return bytes.Length > 0 && offset > 0 && TokenText.IsContinuation(bytes[0]) ? offset - 1 : offset;
    }

    // Several tokens may have one text (a letter and its byte token): the likelier one, which comes first, stays.
    private static Dictionary<string, float> Top(GeneratedToken token)
    {
        var top = new Dictionary<string, float>(StringComparer.Ordinal);
        foreach (var candidate in token.Top)
        {
            top.TryAdd(TokenText.Of(candidate.Bytes.Span), TokenText.Finite(candidate.LogProb));
        }

        top.TryAdd(TokenText.Of(token.Bytes.Span), TokenText.Finite(token.LogProb));
        return top;
    }
}
