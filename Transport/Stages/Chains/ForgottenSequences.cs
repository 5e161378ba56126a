using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Transport.Stages.Chains;

/// <summary>
/// Sequences that some stage of a chain does not have any more, and that nobody can tell it: whoever has their tokens begins them anew, under
/// other ids. One thread at a time.
/// </summary>
internal sealed class ForgottenSequences
{
    private HashSet<long>? _sequences;

    /// <summary>What steps with them fail with.</summary>
    public static EngineException Failure =>
        new(EngineException.SequencesLost, "layers were lost, and not all sequences can be told to those that have them now");

    /// <summary>These are gone, too.</summary>
    public void Add(IReadOnlyCollection<long> sequences) => _sequences = [.. _sequences ?? [], .. sequences];

    /// <exception cref="EngineException"><c>sequences_lost</c>: the step goes on with one of them.</exception>
    public void RequireNoneIn(StepBatch batch)
    {
        if (_sequences is not { } gone)
        {
            return;
        }

        foreach (var operation in batch.Operations)
        {
            if (operation.Kind is SequenceOperationKind.Fork or SequenceOperationKind.Truncate && gone.Contains(SourceOf(operation)))
            {
                throw Failure;
            }
        }

        foreach (var segment in batch.Segments)
        {
            if (gone.Contains(segment.Sequence))
            {
                throw Failure;
            }
        }
    }

    private static long SourceOf(SequenceOperation operation) =>
        operation.Kind == SequenceOperationKind.Fork ? operation.Source : operation.Sequence;
}
