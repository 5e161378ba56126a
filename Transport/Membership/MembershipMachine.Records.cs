using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Gossip;
using ManagedSwarm.Transport.Membership.Liveness;

namespace ManagedSwarm.Transport.Membership;

/// <summary>Records: this node's own, and what comes of others'.</summary>
internal sealed partial class MembershipMachine
{
    private NodeFacts? _facts;
    private NodeFacts? _published;
    private TimeSpan _lastPublication;
    private TimeSpan _nextPublication = TimeSpan.MaxValue;

    private bool IsFull => _ledger.Records.Count >= _options.Ledger.MaxMembers;

    /// <summary>
    /// What this node says about itself now. Others hear of it as soon as it matters: at once, in a while where only load or free memory are
    /// different, and with the next record where they differ by a little.
    /// </summary>
    public void Announce(NodeFacts facts, TimeSpan now)
    {
        if (!Enter(now))
        {
            return;
        }

        _facts = facts;
        if (_published is null)
        {
            Publish();
            return;
        }

        switch (FactsComparison.Compare(_published, facts))
        {
            case FactsChange.Major:
                PublishAfter(_options.UpdateInterval);
                break;
            case FactsChange.Minor:
                var interval = _options.MinorPerMember * _ledger.Records.Count;
                PublishAfter(interval > _options.MinorInterval ? interval : _options.MinorInterval);
                break;
        }
    }

    /// <summary>Tells all that this node leaves, which it does now: no call has any effect from here on.</summary>
    public void Leave(TimeSpan now)
    {
        if (!Enter(now))
        {
            return;
        }

        if (_facts is not null)
        {
            var farewell = Sign(_options.TombstoneTime, isTombstone: true);
            SendToNeighbours(farewell);
            _gossip.Publish(_compose(farewell.Bytes), _now);
        }

        _hasLeft = true;
    }

    /// <summary>There is a record of this node that others think more of, or they suspect it.</summary>
    private void Refute(PeerId from, ulong sequence)
    {
        if (_ledger.Find(_self) is { } own && sequence < own.Sequence)
        {
            SendRecords(from, [own]);
        }
        else if (_facts is not null)
        {
            PublishAfter(_options.RefutationInterval);
        }
    }

    private void PublishAfter(TimeSpan sinceLast)
    {
        var due = _lastPublication + sinceLast;
        _nextPublication = Earlier(_nextPublication, due > _now ? due : _now);
    }

    private void PublishIfDue()
    {
        if (_now >= _nextPublication && _facts is not null)
        {
            Publish();
        }
    }

    private void Publish()
    {
        var record = Sign(_options.TimeToLive, isTombstone: false);
        _published = _facts;
        _lastPublication = _now;
        _nextPublication = _now + (_options.Refresh * (0.9 + (0.2 * _random.NextDouble())));
        if (IsFull)
        {
            // Gossip goes to all, most of whom have no room for it.
            SendToNeighbours(record);
        }
        else
        {
            _gossip.Subscribe(_options.Topic, _now);
            _gossip.Publish(_compose(record.Bytes), _now);
        }
    }

    private NodeRecord Sign(TimeSpan timeToLive, bool isTombstone)
    {
        var record = _codec.Sign(_ledger.NextSequence(_wallClock()), timeToLive, isTombstone, _facts!);
        _ledger.Apply(record, _now);
        return record;
    }

    private void SendToNeighbours(NodeRecord record)
    {
        foreach (var neighbour in _detector.Neighbours)
        {
            SendRecords(neighbour.Id, [record]);
        }
    }

    /// <summary>Takes a record that gossip has brought.</summary>
    /// <returns>Whether others should have it: not what is forged, old, or too often.</returns>
    private bool AcceptsGossip(PeerId from, GossipMessage message)
    {
        if (message.Topic != _options.Topic || Read(from, message.Data) is not { } record)
        {
            return false;
        }

        if (record.Owner != message.From)
        {
            _output.Refused(from, "forged_record", $"{message.From} has spread a record of {record.Owner}");
            return false;
        }

        if (_options.VerifiesGossip?.Invoke(message) == false)
        {
            _output.Refused(from, "forged_message", $"{message.From} has not signed what {from} says it spreads");
            return false;
        }

        return Take(from, record) is LedgerOutcome.New or LedgerOutcome.Updated or LedgerOutcome.Known
            || _ledger.Find(record.Owner) is null;
    }

    private NodeRecord? Read(PeerId from, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return _codec.Read(bytes);
        }
        catch (SwarmException exception)
        {
            _output.Refused(from, exception.Code, exception.Message);
            return null;
        }
    }

    private LedgerOutcome Take(PeerId from, NodeRecord record)
    {
        var before = _ledger.Find(record.Owner);
        var outcome = _ledger.Apply(record, _now);
        if (record.Owner == _self)
        {
            // Of a former life, as this one knows all its own: the next one must be newer.
            if (outcome is LedgerOutcome.New or LedgerOutcome.Updated)
            {
                PublishAfter(_options.UpdateInterval);
            }

            return outcome;
        }

        switch (outcome)
        {
            case LedgerOutcome.New or LedgerOutcome.Updated:
                TakeNewer(record, before);
                break;
            case LedgerOutcome.Refused when before is not null:
                _output.Refused(from, "too_many_records", $"{record.Owner} writes records too often");
                break;
        }

        return outcome;
    }

    private void TakeNewer(NodeRecord record, NodeRecord? before)
    {
        ReleaseDropped();
        var wasMember = _detector.TryFind(record.Owner, out var contact) && contact.IsMember && contact.State is not MemberState.Left;
        if (record.IsTombstone)
        {
            contact = _detector.Renew(record.Owner, record.Sequence, _now);
            _detector.Leave(contact, record.Sequence);
            if (wasMember)
            {
                Tell(SwarmEventKind.Left, contact);
            }
        }
        else
        {
            contact = _detector.Renew(record.Owner, record.Sequence, _now);
            if (!wasMember)
            {
                contact.NextDial = _now + (_selfKey < contact.Key ? TimeSpan.Zero : _options.Overlay.Courtesy);
                Tell(SwarmEventKind.Joined, contact);
            }
            else if (before is null || FactsComparison.Compare(before.Facts, record.Facts) is not FactsChange.None)
            {
                Tell(SwarmEventKind.Updated, contact);
            }
        }

        ChooseSoon();
    }

    /// <summary>One that was lost for long is here again: its record is still held.</summary>
    private void ReviveForgotten(Contact contact)
    {
        if (!contact.IsMember && _ledger.Find(contact.Id) is { IsTombstone: false } record)
        {
            _detector.Renew(contact.Id, record.Sequence, _now);
            Tell(SwarmEventKind.Joined, contact);
        }
    }

    private void ReleaseDropped()
    {
        if (IsFull)
        {
            Expire();
        }
    }

    private void Expire()
    {
        foreach (var record in _ledger.Expire(_now))
        {
            if (_detector.TryFind(record.Owner, out var contact) && contact.IsMember && contact.Sequence == record.Sequence)
            {
                _output.Changed(SwarmEventKind.Forgotten, CreateMember(record, contact));
                _detector.Forget(contact);
            }
        }
    }
}
