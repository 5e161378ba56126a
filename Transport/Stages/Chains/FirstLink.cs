using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Stages.Links;

namespace ManagedSwarm.Transport.Stages.Chains;

/// <summary>The stream of one epoch from the head to the first stage.</summary>
/// <param name="epoch">Which epoch.</param>
/// <param name="link">The stream.</param>
/// <param name="wire">What hidden states are sent as.</param>
/// <param name="isFresh">Whether the first stage has none of the sequences.</param>
internal sealed class FirstLink(int epoch, StageLink link, WireType wire, bool isFresh)
{
    public int Epoch => epoch;

    public StageLink Link => link;

    public StepFrameWriter Writer { get; } = new(link.Writer, wire);

    /// <summary>Whether the first stage is still to be told all sequences.</summary>
    public bool OwesReplay { get; set; } = isFresh;
}
