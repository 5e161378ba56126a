using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership.Liveness;
using ManagedSwarm.Transport.Membership.Messages;

namespace ManagedSwarm.Transport.Membership;

/// <summary>Which sessions are made, kept and given up.</summary>
internal sealed partial class MembershipMachine
{
    private readonly HashSet<PeerId> _dialing = [];
    private readonly List<PeerId> _surplus = [];
    private TimeSpan _nextChoice = TimeSpan.MaxValue;
    private TimeSpan _lastChoice = TimeSpan.MinValue;

    private void ChooseSoon()
    {
        var soon = _lastChoice == TimeSpan.MinValue ? _now : _lastChoice + _options.Overlay.Interval;
        _nextChoice = Earlier(_nextChoice, soon > _now ? soon : _now);
    }

    private void ChooseIfDue()
    {
        if (_now < _nextChoice)
        {
            return;
        }

        _lastChoice = _now;
        _nextChoice = TimeSpan.MaxValue;
        _overlay.Choose(_detector.Contacts);
        foreach (var contact in _overlay.Chosen)
        {
            DialChosen(contact);
        }

        foreach (var neighbour in _detector.Neighbours)
        {
            Review(neighbour, neighbour.Session!);
        }

        GiveUpSurplus();
        if (_detector.Contacts.Count > 0)
        {
            _nextChoice = Earlier(_nextChoice, _now + _options.Overlay.IdleInterval);
        }
    }

    private void DialChosen(Contact contact)
    {
        if (contact.IsConnected || _dialing.Contains(contact.Id) || contact.State is not MemberState.Alive)
        {
            return;
        }

        if (_dialing.Count < _options.Overlay.MaxDials && _now >= contact.NextDial)
        {
            Dial(contact);
        }
        else
        {
            var next = contact.NextDial > _now ? contact.NextDial : _now;
            _nextChoice = Earlier(_nextChoice, next > _now + _options.Overlay.Interval ? next : _now + _options.Overlay.Interval);
        }
    }

    private void Dial(Contact contact)
    {
        if (_dialing.Add(contact.Id))
        {
            _output.Dial(contact.Id);
        }
    }

    private void BackOff(Contact contact)
    {
        var backoff = _options.Overlay.MinBackoff * Math.Pow(2, Math.Min(contact.FailedDials++, 16));
        backoff = Earlier(backoff, _options.Overlay.MaxBackoff);
        contact.NextDial = _now + (backoff * (0.75 + (0.5 * _random.NextDouble())));
    }

    /// <summary>Says whether this node needs a session, if that has changed, and notes whether anybody does.</summary>
    private void Review(Contact neighbour, SessionState session)
    {
        var isNeeded = _overlay.Chosen.Contains(neighbour) || _now - session.Since < _options.Overlay.Grace;
        if (isNeeded != session.IsNeededHere)
        {
            session.IsNeededHere = isNeeded;
            _output.Send(neighbour.Id, new MemberMessage.Keep(isNeeded));
        }

        session.SurplusSince = isNeeded || session.IsNeededThere || neighbour.State is not MemberState.Alive ? null : session.SurplusSince ?? _now;
        if (session.SurplusSince is { } since && _now - since >= SurplusTime(neighbour))
        {
            _surplus.Add(neighbour.Id);
        }
    }

    /// <summary>One side waits longer, so that not both give up at once.</summary>
    private TimeSpan SurplusTime(Contact neighbour) => _options.Overlay.SurplusTime * (_selfKey < neighbour.Key ? 1 : 3);

    private void GiveUpSurplus()
    {
        var degree = _detector.Neighbours.Count;
        foreach (var peer in _surplus)
        {
            if (degree-- > _options.Overlay.MinDegree)
            {
                _output.Disconnect(peer);
            }
        }

        _surplus.Clear();
    }
}
