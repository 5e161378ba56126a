namespace ManagedSwarm.Transport.Membership;

/// <summary>Makes records of this node and reads those of others. Safe for use by many threads.</summary>
internal interface INodeRecordCodec
{
    /// <summary>Reads a record that somebody has sent, and verifies who signed it.</summary>
    /// <param name="bytes">Copied.</param>
    /// <exception cref="SwarmException">
    /// <c>record_too_large</c>; <c>invalid_record</c>: it is malformed, or says more than one may; <c>forged_record</c>: its owner has not
    /// signed it, or has for another network.
    /// </exception>
    NodeRecord Read(ReadOnlyMemory<byte> bytes);

    /// <summary>Signs a record of this node.</summary>
    /// <param name="sequence">From 1 to <see cref="long.MaxValue"/>; larger than in all records before: see <see cref="Ledger.NextSequence"/>.</param>
    /// <param name="timeToLive">From <see cref="RecordLimits.MinTimeToLive"/> to <see cref="RecordLimits.MaxTimeToLive"/>.</param>
    /// <param name="isTombstone">Whether this node leaves.</param>
    /// <param name="facts">What it says. Of what is too much for a record the last is left out: see <see cref="FittingFacts"/>.</param>
    NodeRecord Sign(ulong sequence, TimeSpan timeToLive, bool isTombstone, NodeFacts facts);
}
