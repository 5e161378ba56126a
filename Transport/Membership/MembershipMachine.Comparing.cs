using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership.Liveness;
using ManagedSwarm.Transport.Membership.Messages;

namespace ManagedSwarm.Transport.Membership;

/// <summary>
/// Comparing ledgers with neighbours: a summary, then what is held of the groups in which it differs, then the records. Lost nodes are in
/// none of these; instead, who is lost is said, and whoever knows better asks that node to speak up.
/// </summary>
internal sealed partial class MembershipMachine
{
    // A neighbour hears of more by others.
    private const int MaxSuspicions = 1024;

    private TimeSpan _nextComparison = TimeSpan.MaxValue;
    private TimeSpan _nextSpread = TimeSpan.MaxValue;

    private static bool IsShown(Contact contact) => contact is { IsMember: true, State: not MemberState.Lost };

    /// <summary>What a neighbour is told where a stream to it is open.</summary>
    /// <param name="neighbour">Which.</param>
    /// <param name="compares">Whether this side asks for the comparison: of the two of a new session, one does.</param>
    private void Greet(Contact neighbour, bool compares)
    {
        if (compares)
        {
            _output.Send(neighbour.Id, new MemberMessage.Summary(CreateSummary()));
        }

        for (var i = 0; i < Math.Min(_detector.Lost.Count, MaxSuspicions); i++)
        {
            SendSuspicion(neighbour.Id, _detector.Lost[i]);
        }

        if (_nextComparison == TimeSpan.MaxValue)
        {
            ScheduleComparison();

            // Whoever was there before has not heard of this node.
            if (_published is not null)
            {
                _nextPublication = Earlier(_nextPublication, _now + _options.UpdateInterval);
            }
        }
    }

    private void CompareIfDue()
    {
        if (_now >= _nextComparison)
        {
            ScheduleComparison();
            CompareWith(1);
        }

        if (_now >= _nextSpread)
        {
            _nextSpread = TimeSpan.MaxValue;
            CompareWith(_options.SpreadTo);
        }
    }

    private void ScheduleComparison()
    {
        var interval = IsFull ? _options.FullCompareInterval : _options.CompareInterval;
        _nextComparison = _now + (interval * (0.75 + (0.5 * _random.NextDouble())));
    }

    private void CompareWith(int count)
    {
        var neighbours = _detector.Neighbours;
        if (neighbours.Count == 0)
        {
            return;
        }

        var summary = new MemberMessage.Summary(CreateSummary());
        var start = _random.Next(neighbours.Count);
        for (var i = 0; i < Math.Min(count, neighbours.Count); i++)
        {
            _output.Send(neighbours[(start + i) % neighbours.Count].Id, summary);
        }
    }

    private LedgerSummary CreateSummary()
    {
        var summary = new LedgerSummary();
        foreach (var contact in _detector.Contacts)
        {
            if (IsShown(contact))
            {
                summary.Toggle(contact.Key, contact.Sequence);
            }
        }

        if (_ledger.Find(_self) is { } own)
        {
            summary.Toggle(_selfKey, own.Sequence);
        }

        return summary;
    }

    private void TakeSummary(PeerId from, LedgerSummary theirs)
    {
        var groups = CreateSummary().DifferenceTo(theirs);
        if (groups == 0)
        {
            return;
        }

        var entries = new List<DigestEntry>();
        foreach (var contact in _detector.Contacts)
        {
            if (IsShown(contact) && IsIn(groups, contact.Key) && entries.Count < MemberMessageLimits.MaxEntries)
            {
                entries.Add(new(contact.Id, contact.Sequence));
            }
        }

        if (_ledger.Find(_self) is { } own && IsIn(groups, _selfKey) && entries.Count < MemberMessageLimits.MaxEntries)
        {
            entries.Add(new(_self, own.Sequence));
        }

        _output.Send(from, new MemberMessage.Digest(groups, entries));
    }

    private static bool IsIn(ulong groups, ulong key) => (groups >> LedgerSummary.BucketOf(key) & 1) != 0;

    private void TakeDigest(PeerId from, MemberMessage.Digest digest)
    {
        var difference = _ledger.Compare(digest.Entries);
        SendRecords(from, [.. difference.Send.Where(record => IsIn(digest.Groups, LedgerSummary.KeyOf(record.Owner)) && IsToBeSent(record))]);
        foreach (var owners in difference.Want.Chunk(MemberMessageLimits.MaxItems))
        {
            _output.Send(from, new MemberMessage.Want(owners));
        }

        foreach (var entry in digest.Entries)
        {
            if (_detector.TryFind(entry.Owner, out var contact) && contact.State is MemberState.Lost && entry.Sequence <= contact.Sequence)
            {
                SendSuspicion(from, contact);
            }
        }
    }

    private bool IsToBeSent(NodeRecord record) =>
        record.Owner == _self || (_detector.TryFind(record.Owner, out var contact) && IsShown(contact));

    private void SendSuspicion(PeerId to, Contact lost) => _output.Send(to, new MemberMessage.Suspect(lost.Id, lost.Sequence));

    private void SendWanted(PeerId to, IReadOnlyList<PeerId> owners)
    {
        var records = new List<NodeRecord>();
        foreach (var owner in owners)
        {
            if (_ledger.Find(owner) is { } record)
            {
                records.Add(record);
            }
        }

        SendRecords(to, records);
    }

    /// <summary>Sends records in as few messages as may be.</summary>
    private void SendRecords(PeerId to, IReadOnlyList<NodeRecord> records)
    {
        var signed = new List<ReadOnlyMemory<byte>>();
        var bytes = 0;
        foreach (var record in records)
        {
            if (signed.Count == MemberMessageLimits.MaxItems || bytes + record.Bytes.Length > MemberMessageLimits.MaxRecordsBytes)
            {
                _output.Send(to, new MemberMessage.Records(signed));
                (signed, bytes) = ([], 0);
            }

            signed.Add(record.Bytes);
            bytes += record.Bytes.Length;
        }

        if (signed.Count > 0)
        {
            _output.Send(to, new MemberMessage.Records(signed));
        }
    }

    private void TakeRecords(PeerId from, SessionState session, IReadOnlyList<ReadOnlyMemory<byte>> signed)
    {
        var refill = (_now - session.Budget.At).TotalSeconds * _options.RecordsPerSecond;
        var budget = Math.Min(_options.RecordBurst, session.Budget.Records + refill);
        foreach (var bytes in signed)
        {
            if (budget < 1)
            {
                _output.Refused(from, "too_many_records", $"{from} sends more than {_options.RecordsPerSecond} records in a second");
                break;
            }

            budget--;
            if (Read(from, bytes) is { } record && Take(from, record) is LedgerOutcome.New && !IsFull)
            {
                _nextSpread = Earlier(_nextSpread, _now + _options.SpreadDelay);
            }
        }

        session.Budget = (budget, _now);
    }
}
