using ManagedSwarm.Transport.Membership.Messages;

namespace ManagedSwarm.Transport.Membership.Liveness;

/// <summary>What neighbours say about who lives.</summary>
internal sealed partial class FailureDetector
{
    /// <summary>A neighbour's message has come; <see cref="Hear"/> has been called for it.</summary>
    public void Receive(Contact from, MemberMessage message, TimeSpan now)
    {
        switch (message)
        {
            case MemberMessage.Probe probe:
                output.Send(from.Id, new MemberMessage.Answer(probe.Nonce));
                break;
            case MemberMessage.Answer answer:
                TakeAnswer(from, answer.Nonce, now);
                break;
            case MemberMessage.ProbeRequest request:
                TakeRequest(from, request, now);
                break;
            case MemberMessage.ProbeReport report:
                TakeReport(report, now);
                break;
            case MemberMessage.Suspect suspect when suspect.Target != self:
                TakeHint(suspect, now);
                break;
        }
    }

    private static void TakeAnswer(Contact from, uint nonce, TimeSpan now)
    {
        if (from.Session is { FirstProbe: { } sent } session && session.Nonce == nonce)
        {
            from.RoundTrip = now - sent;
            session.FirstProbe = null;
        }
    }

    private void TakeRequest(Contact from, MemberMessage.ProbeRequest request, TimeSpan now)
    {
        if (request.Target == self)
        {
            output.Send(from.Id, new MemberMessage.ProbeReport(self, request.Nonce, IsAlive: true));
            return;
        }

        if (_helps.Count >= options.MaxHelp
            || !_contacts.TryGetValue(request.Target, out var target)
            || target.State is MemberState.Lost or MemberState.Left
            || target.Inquiry is { Failed: not null })
        {
            output.Send(from.Id, new MemberMessage.ProbeReport(request.Target, request.Nonce, IsAlive: false));
            return;
        }

        _helps.Add(new(from.Id, target, request.Nonce, now + options.HelpTimeout));
        if (target.Session is { } session)
        {
            Probe(target, session, now);
        }
        else if (target.IsMember && _inquiries.Count < options.MaxInquiries)
        {
            Look(target, now, isHint: true);
        }

        Schedule(now);
    }

    private void TakeReport(MemberMessage.ProbeReport report, TimeSpan now)
    {
        if (!_contacts.TryGetValue(report.Target, out var target))
        {
            return;
        }

        if (target.Inquiry is { } inquiry && inquiry.Nonce == report.Nonce)
        {
            if (report.IsAlive)
            {
                MarkAlive(target, now);
                return;
            }

            inquiry.Awaited--;
            Conclude(target, inquiry, now);
        }
        else if (report.IsAlive && target.Session is { ProbedSince: not null, Asked: > 0 } session && session.Nonce == report.Nonce)
        {
            // A bad link to one that lives: the probing begins anew.
            session.ProbedSince = null;
            session.Asked = 0;
            MarkAlive(target, now);
        }
    }

    private void TakeHint(MemberMessage.Suspect hint, TimeSpan now)
    {
        if (!_contacts.TryGetValue(hint.Target, out var target)
            || target is not { IsMember: true, State: MemberState.Alive, Inquiry: null }
            || hint.Sequence < target.Sequence)
        {
            return;
        }

        if (target.Session is { } session)
        {
            if (now - target.LastHeard < options.Quiet)
            {
                Tell(target);
            }
            else if (session.ProbedSince is null)
            {
                Probe(target, session, now);
            }
        }
        else if (now >= target.NextHint && _inquiries.Count < options.MaxInquiries)
        {
            target.NextHint = now + options.HintInterval;
            Look(target, now, isHint: true);
            Suspect(target);
        }
    }

    /// <summary>A neighbour is told that others suspect it, once for each of its records: it makes a newer one.</summary>
    private void Tell(Contact target)
    {
        if (target is { IsConnected: true, IsMember: true } && target.ToldSequence < target.Sequence)
        {
            target.ToldSequence = target.Sequence;
            output.Send(target.Id, new MemberMessage.Suspect(target.Id, target.Sequence));
        }
    }

    private void TellNeighbours(Contact target)
    {
        var hint = new MemberMessage.Suspect(target.Id, target.Sequence);
        foreach (var neighbour in _neighbours)
        {
            if (neighbour != target)
            {
                output.Send(neighbour.Id, hint);
            }
        }
    }

    private void AnswerHelps(Contact target, bool isAlive)
    {
        for (var i = _helps.Count - 1; i >= 0; i--)
        {
            if (_helps[i].Target == target)
            {
                Answer(_helps[i], isAlive);
                _helps.RemoveAt(i);
            }
        }
    }

    private void Answer(Help help, bool isAlive)
    {
        if (_contacts.TryGetValue(help.For, out var asker) && asker.IsConnected)
        {
            output.Send(help.For, new MemberMessage.ProbeReport(help.Target.Id, help.Nonce, isAlive));
        }
    }

    /// <summary>Asks some neighbours, drawn, to probe a node.</summary>
    /// <returns>How many.</returns>
    private int AskOthers(Contact target, uint nonce)
    {
        var asked = 0;
        var start = _neighbours.Count == 0 ? 0 : _random.Next(_neighbours.Count);
        for (var i = 0; i < _neighbours.Count && asked < options.Helpers; i++)
        {
            var neighbour = _neighbours[(start + i) % _neighbours.Count];
            if (neighbour != target && neighbour.State is MemberState.Alive)
            {
                output.Send(neighbour.Id, new MemberMessage.ProbeRequest(target.Id, nonce));
                asked++;
            }
        }

        return asked;
    }
}
