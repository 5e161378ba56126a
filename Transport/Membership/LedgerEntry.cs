using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Membership;

/// <summary>What a <see cref="Ledger"/> knows of an owner, whether it holds its record or only remembers its number.</summary>
internal sealed class LedgerEntry(PeerId owner, OwnerDistance distance, LedgerLimits limits)
{
    private double _tokens = limits.UpdateBurst;
    private TimeSpan _filledAt;

    public PeerId Owner => owner;

    /// <summary>From this node.</summary>
    public OwnerDistance Distance => distance;

    /// <summary>Null: there is none any more, and only its number is remembered.</summary>
    public NodeRecord? Record { get; private set; }

    /// <summary>Of the last record that was held.</summary>
    public ulong Sequence { get; private set; }

    /// <summary>The least number that a record must have to be taken.</summary>
    public ulong NextSequence { get; private set; }

    /// <summary>When the record runs out, or the number is forgotten.</summary>
    public TimeSpan Deadline { get; private set; }

    /// <summary>Among the remembered ones.</summary>
    public LinkedListNode<LedgerEntry>? Place { get; set; }

    public void Hold(NodeRecord record, TimeSpan now)
    {
        Record = record;
        Sequence = record.Sequence;
        NextSequence = record.Sequence + 1;
        Deadline = now + record.TimeToLive;
    }

    /// <summary>Gives the record up.</summary>
    /// <param name="forgottenAt">When its number is to be forgotten.</param>
    /// <param name="mayReturn">Whether the same record may come again: it has not run out, there was no space for it.</param>
    public NodeRecord Release(TimeSpan forgottenAt, bool mayReturn)
    {
        var record = Record ?? throw new InvalidOperationException("there is no record");
        Record = null;
        Deadline = forgottenAt;
        NextSequence = mayReturn ? Sequence : Sequence + 1;
        return record;
    }

    /// <summary>
    /// Whether the owner may write now: a token bucket. A node may always leave: one that is here can do so once, and has to come back, at
    /// the price of a token, before it can again.
    /// </summary>
    public bool TryWrite(NodeRecord record, TimeSpan now)
    {
        if (record.IsTombstone && Record is { IsTombstone: false })
        {
            return true;
        }

        var elapsed = Math.Max(0, (now - _filledAt).TotalSeconds);
        _tokens = Math.Min(limits.UpdateBurst, _tokens + (elapsed * limits.UpdatesPerSecond));
        _filledAt = now;
        if (_tokens < 1)
        {
            return false;
        }

        _tokens--;
        return true;
    }
}
