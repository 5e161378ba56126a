using System.Text;
using ManagedSwarm.Engine.Generation;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>How one endpoint writes its answers; made for one request. Each method returns one JSON text.</summary>
internal interface IReplyFormat
{
    /// <summary>The chunk that a choice begins with; null: none.</summary>
    byte[]? OpeningChunk(int choice);

    /// <summary>The chunk with new text; null: it says nothing.</summary>
    byte[]? TextChunk(TextGenerated text);

    /// <summary>The chunk that a choice ends with.</summary>
    byte[] FinalChunk(ChoiceFinished finished);

    /// <summary>The chunk with the token counts, and with what else is asked for: the last one of a stream that asks for any of it.</summary>
    byte[] LastChunk(Usage? usage, ExtensionBody? extension);

    /// <summary>The whole answer of a request that does not stream.</summary>
    byte[] Whole(IReadOnlyList<CollectedChoice> choices, Usage usage, ExtensionBody? extension);
}

/// <summary>A choice that is being collected for an answer in one piece.</summary>
internal sealed class CollectedChoice(int index)
{
    public int Index { get; } = index;

    public StringBuilder Text { get; } = new();

    public List<GeneratedToken> Tokens { get; } = [];

    public FinishReason Reason { get; set; }
}
