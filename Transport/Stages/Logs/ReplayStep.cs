using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Transport.Stages.Logs;

/// <summary>A part of what a fresh stage has to compute, so that it knows the sequences of a lost one.</summary>
/// <param name="HiddenSize">Floats per token.</param>
/// <param name="Operations">Done before the segments, in order.</param>
/// <param name="Segments">At most one per sequence; none where nothing but operations is left.</param>
/// <param name="Hidden">Their hidden states, as they are sent. Good until the next step is asked for, unlike the other two.</param>
internal sealed record ReplayStep(
    int HiddenSize, ReadOnlyMemory<SequenceOperation> Operations, ReadOnlyMemory<Segment> Segments, ReadOnlyMemory<byte> Hidden);
