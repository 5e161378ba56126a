using ManagedSwarm.Transport.Membership.Messages;

namespace ManagedSwarm.Transport.Membership.Liveness;

/// <summary>What time brings: probes, suspicions, losses.</summary>
internal sealed partial class FailureDetector
{
    /// <summary>Does what is due. Late ticks do no harm, but nobody is lost before them.</summary>
    public void Tick(TimeSpan now)
    {
        if (now < _nextTick)
        {
            return;
        }

        ProbeNeighbours(now);
        CheckInquiries(now);
        RefuseHelps(now);
        if (_lost.Count > 0 && now >= _nextLostRetry)
        {
            _nextLostRetry = now + options.LostRetry;
            RetryLost(now);
            ForgetLost(now);
        }

        _nextTick = TimeSpan.MaxValue;
        Schedule(now);
    }

    private void ProbeNeighbours(TimeSpan now)
    {
        var left = options.ProbesPerPeriod;
        var count = _neighbours.Count;
        var begin = count == 0 ? 0 : _turn % count;
        for (var i = 0; i < count; i++)
        {
            var at = begin + i < count ? begin + i : begin + i - count;
            var neighbour = _neighbours[at];
            if (neighbour.Session!.ProbedSince is { } since)
            {
                Await(neighbour, neighbour.Session, since, now);
            }
            else if (now - neighbour.LastHeard >= options.Quiet && left > 0 && neighbour.State is not MemberState.Left)
            {
                left--;
                _turn = at + 1;
                Probe(neighbour, neighbour.Session, now);
            }
        }
    }

    private void Probe(Contact neighbour, SessionState session, TimeSpan now)
    {
        if (session.ProbedSince is null)
        {
            session.ProbedSince = now;
            session.FirstProbe = now;
            session.Nonce = (uint)_random.Next();
        }

        output.Send(neighbour.Id, new MemberMessage.Probe(session.Nonce));
    }

    /// <summary>It has been probed and has not answered yet.</summary>
    private void Await(Contact neighbour, SessionState session, TimeSpan since, TimeSpan now)
    {
        var silence = now - since;
        if (neighbour.State is MemberState.Lost || !neighbour.IsMember)
        {
            if (silence >= options.LostInterval)
            {
                session.ProbedSince = null;
                Probe(neighbour, session, now);
            }

            return;
        }

        if (silence >= options.Loss)
        {
            Lose(neighbour, now);
            return;
        }

        if (silence >= options.Suspicion && neighbour.State is MemberState.Alive)
        {
            Suspect(neighbour);
            TellNeighbours(neighbour);
        }

        if ((silence >= options.Doubt && session.Asked == 0) || (silence >= options.Suspicion && session.Asked == 1))
        {
            session.Asked++;
            AskOthers(neighbour, session.Nonce);
        }

        Probe(neighbour, session, now);
    }

    /// <summary>Begins to find out whether a node without a session lives.</summary>
    private void Look(Contact contact, TimeSpan now, bool isHint)
    {
        if (contact.IsConnected || contact.Inquiry is not null || contact.State is MemberState.Left)
        {
            return;
        }

        Begin(contact, now, isHint);
        output.Dial(contact);
    }

    private Inquiry Begin(Contact contact, TimeSpan now, bool isHint)
    {
        var inquiry = new Inquiry(now, (uint)_random.Next(), isHint);
        contact.Inquiry = inquiry;
        _inquiries.Add(contact);
        Schedule(now);
        return inquiry;
    }

    /// <summary>It is lost if its dial has failed and nobody who was asked has seen it.</summary>
    private void Conclude(Contact contact, Inquiry inquiry, TimeSpan now)
    {
        if (inquiry.Failed is { } failed && (inquiry.Awaited <= 0 || now - failed >= options.HelperTimeout))
        {
            Lose(contact, now);
        }
    }

    private void CheckInquiries(TimeSpan now)
    {
        for (var i = _inquiries.Count - 1; i >= 0; i--)
        {
            var contact = _inquiries[i];
            var inquiry = contact.Inquiry!;
            if (inquiry.Failed is not null)
            {
                Conclude(contact, inquiry, now);
            }
            else if (now - inquiry.Begun >= options.DialTimeout)
            {
                FailDial(contact, now);
            }
        }
    }

    private void RefuseHelps(TimeSpan now)
    {
        for (var i = _helps.Count - 1; i >= 0; i--)
        {
            if (now >= _helps[i].Until)
            {
                Answer(_helps[i], isAlive: false);
                _helps.RemoveAt(i);
            }
        }
    }

    /// <summary>Dials the lost node that has waited longest, wherever it has no session.</summary>
    private void RetryLost(TimeSpan now)
    {
        Contact? longest = null;
        foreach (var contact in _lost)
        {
            if (!contact.IsConnected && (longest is null || contact.Loss!.LastTry < longest.Loss!.LastTry))
            {
                longest = contact;
            }
        }

        if (longest is not null && now - longest.Loss!.LastTry >= options.LostInterval)
        {
            longest.Loss.LastTry = now;
            output.Dial(longest);
        }
    }

    private void ForgetLost(TimeSpan now)
    {
        for (var i = _lost.Count - 1; i >= 0; i--)
        {
            if (now - _lost[i].Loss!.Since >= options.ForgetAfter)
            {
                output.Forget(_lost[i]);
            }
        }
    }
}
