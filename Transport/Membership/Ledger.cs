using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Membership;

/// <summary>
/// The newest record of each node that this one knows. Pure: no clock, no network, the same calls give the same state. Not for several
/// threads at once. Records have been verified before they come here.
/// </summary>
/// <remarks>
/// Two ledgers that send each other what <see cref="Compare"/> says hold the same in the end, in whatever order and however often records
/// come, as long as neither is full. An owner that signs two records with one number is not corrected: it hurts itself only.
/// </remarks>
/// <param name="self">Whose ledger it is. Its own record is never dropped for others, refused, or runs out.</param>
/// <param name="limits">What it may cost.</param>
/// <param name="isPinned">Whose records are not dropped for others': who is known to live should not go for who may be made up. Null: nobody's.</param>
internal sealed class Ledger(PeerId self, LedgerLimits limits, Predicate<PeerId>? isPinned = null)
{
    private readonly Dictionary<PeerId, LedgerEntry> _entries = [];
    private readonly Dictionary<PeerId, NodeRecord> _records = [];
    private readonly SortedSet<LedgerEntry> _byDistance = new(Comparer<LedgerEntry>.Create((a, b) => a.Distance.CompareTo(b.Distance)));

    // Those of which only the number is known, in the order in which that is forgotten.
    private readonly LinkedList<LedgerEntry> _remembered = new();
    private readonly List<NodeRecord> _dropped = [];

    // No record runs out before.
    private TimeSpan _firstDeadline = TimeSpan.MaxValue;

    /// <summary>What is held: this node's own record and tombstones too. Not valid any more after a change.</summary>
    public IReadOnlyCollection<NodeRecord> Records => _records.Values;

    /// <summary>When <see cref="Expire"/> has something to do at the earliest; <see cref="TimeSpan.MaxValue"/>: never, so far.</summary>
    public TimeSpan NextExpiry =>
        _remembered.First is { Value.Deadline: var forgotten } && forgotten < _firstDeadline ? forgotten : _firstDeadline;

    /// <summary>How many owners it knows of at all, remembered ones among them.</summary>
    internal int OwnerCount => _entries.Count;

    public NodeRecord? Find(PeerId owner) => _records.GetValueOrDefault(owner);

    /// <summary>Takes a record, if it is newer than what was known of its owner.</summary>
    /// <param name="record">A verified one.</param>
    /// <param name="now">Time since any fixed start, on a monotonic clock.</param>
    public LedgerOutcome Apply(NodeRecord record, TimeSpan now)
    {
        var entry = _entries.GetValueOrDefault(record.Owner);
        if (entry is not null && record.Sequence < entry.NextSequence)
        {
            return entry.Record is not null && record.Sequence == entry.Sequence ? LedgerOutcome.Known : LedgerOutcome.Stale;
        }

        entry ??= new(record.Owner, OwnerDistance.Between(self, record.Owner), limits);
        var isNew = entry.Record is null;
        if ((isNew && !HasSpaceFor(entry)) || (record.Owner != self && !entry.TryWrite(record, now)))
        {
            return LedgerOutcome.Refused;
        }

        Hold(entry, record, now);
        return isNew ? LedgerOutcome.New : LedgerOutcome.Updated;
    }

    /// <summary>What is held, in short.</summary>
    public IReadOnlyList<DigestEntry> CreateDigest()
    {
        var digest = new List<DigestEntry>(_records.Count);
        foreach (var record in _records.Values)
        {
            digest.Add(new(record.Owner, record.Sequence));
        }

        return digest;
    }

    /// <summary>What this ledger and another, of which only the digest is known, have to tell each other.</summary>
    /// <param name="others">May name an owner twice, or lie: then somebody sends or asks for nothing. It changes nothing here.</param>
    public DigestDifference Compare(IReadOnlyList<DigestEntry> others)
    {
        var newest = new Dictionary<PeerId, ulong>();
        foreach (var (owner, sequence) in others)
        {
            newest[owner] = Math.Max(sequence, newest.GetValueOrDefault(owner));
        }

        var send = new List<NodeRecord>();
        foreach (var record in _records.Values)
        {
            if (newest.GetValueOrDefault(record.Owner) < record.Sequence)
            {
                send.Add(record);
            }
        }

        return new(send, Wanted(newest));
    }

    /// <summary>Lets go of the records whose time is over, and of numbers that have been remembered for long enough.</summary>
    /// <returns>
    /// The records that are not held any more: those that ran out, and those that have had to make room for nearer ones since the last call.
    /// </returns>
    public IReadOnlyList<NodeRecord> Expire(TimeSpan now)
    {
        if (now >= _firstDeadline)
        {
            ReleaseOverdue(now);
        }

        while (_remembered.First is { Value: var oldest } && oldest.Deadline <= now)
        {
            _remembered.RemoveFirst();
            _entries.Remove(oldest.Owner);
        }

        NodeRecord[] gone = [.. _dropped];
        _dropped.Clear();
        return gone;
    }

    /// <summary>
    /// The number for this node's next record: larger than any that it has used, as far as is known. It follows the wall clock, so that a
    /// node that starts anew and remembers nothing is above its former life; where the clock has gone back, others still hold a record of
    /// that life, and once it has come here (see <see cref="Apply"/>) the next number is above it. Numbers in digests don't count: anybody
    /// can write them, and there must be none left to use up.
    /// </summary>
    /// <param name="wallClock">This node's own.</param>
    /// <exception cref="SwarmException"><c>sequence_exhausted</c>: somebody else has used this node's key.</exception>
    public ulong NextSequence(DateTimeOffset wallClock)
    {
        var used = _entries.GetValueOrDefault(self)?.Sequence ?? 0;
        return used < long.MaxValue
            ? Math.Max((ulong)Math.Max(1, wallClock.ToUnixTimeMilliseconds()), used + 1)
            : throw new SwarmException(
                "sequence_exhausted",
                $"a record of this node has the number {used}, the largest there is: its key is in other hands; {self} needs a new one");
    }

    /// <summary>Those that would be taken. A full ledger does not ask again and again for what it would refuse.</summary>
    private List<PeerId> Wanted(Dictionary<PeerId, ulong> newest)
    {
        var updates = new List<PeerId>();
        var additions = new SortedSet<LedgerEntry>(_byDistance.Comparer);
        foreach (var (owner, sequence) in newest)
        {
            var entry = _entries.GetValueOrDefault(owner);
            if (sequence < (entry?.NextSequence ?? 1))
            {
                continue;
            }

            if (entry?.Record is not null)
            {
                updates.Add(owner);
                continue;
            }

            entry ??= new(owner, OwnerDistance.Between(self, owner), limits);
            if (HasSpaceFor(entry))
            {
                additions.Add(entry);
            }
        }

        return [.. updates, .. additions.Take(limits.MaxMembers).Select(entry => entry.Owner)];
    }

    /// <summary>Whether there is room, or another one is farther away. What was dropped is kept for <see cref="Expire"/>, so not without end.</summary>
    private bool HasSpaceFor(LedgerEntry entry) => _records.Count < limits.MaxMembers
        || (_dropped.Count < limits.MaxMembers && IsNearer(entry, _byDistance.Max) && IsNearer(entry, FindFarthest()));

    private static bool IsNearer(LedgerEntry entry, LedgerEntry? other) => other is not null && entry.Distance.CompareTo(other.Distance) < 0;

    /// <summary>The one that has to make room first; null: nobody has to.</summary>
    private LedgerEntry? FindFarthest() => isPinned is null
        ? _byDistance.Max
        : _byDistance.Reverse().FirstOrDefault(entry => !isPinned(entry.Owner) && entry.Owner != self);

    private void Hold(LedgerEntry entry, NodeRecord record, TimeSpan now)
    {
        if (entry.Place is { } place)
        {
            _remembered.Remove(place);
            entry.Place = null;
        }

        if (entry.Record is null && _records.Count >= limits.MaxMembers)
        {
            Release(FindFarthest()!, now, mayReturn: true);
        }

        entry.Hold(record, now);
        _entries[entry.Owner] = entry;
        _records[entry.Owner] = record;
        _byDistance.Add(entry);
        if (entry.Owner != self && entry.Deadline < _firstDeadline)
        {
            _firstDeadline = entry.Deadline;
        }
    }

    private void Release(LedgerEntry entry, TimeSpan now, bool mayReturn)
    {
        _dropped.Add(entry.Release(now + limits.RememberFor, mayReturn));
        _records.Remove(entry.Owner);
        _byDistance.Remove(entry);
        entry.Place = _remembered.AddLast(entry);
        if (_remembered.Count > limits.MaxRemembered)
        {
            _entries.Remove(_remembered.First!.Value.Owner);
            _remembered.RemoveFirst();
        }
    }

    private void ReleaseOverdue(TimeSpan now)
    {
        _firstDeadline = TimeSpan.MaxValue;
        foreach (var entry in _byDistance.ToArray())
        {
            if (entry.Owner == self)
            {
                continue;
            }

            if (entry.Deadline <= now)
            {
                Release(entry, now, mayReturn: false);
            }
            else if (entry.Deadline < _firstDeadline)
            {
                _firstDeadline = entry.Deadline;
            }
        }
    }
}
