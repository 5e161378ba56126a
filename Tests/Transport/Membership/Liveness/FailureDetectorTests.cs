using ManagedSwarm.Tests.Transport.Membership.Messages;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Membership.Messages;

namespace ManagedSwarm.Tests.Transport.Membership.Liveness;

/// <summary>Who lives, as one node finds out.</summary>
public sealed class FailureDetectorTests
{
    private static readonly SwarmEventKind[] SuspectedAndLost = [SwarmEventKind.Suspected, SwarmEventKind.Lost];

    [Fact]
    public void One_that_answers_is_never_suspected_and_its_round_trip_is_known()
    {
        var probe = new DetectorProbe(neighbours: 2);
        probe.Answering.UnionWith([MemberMessages.Peer(1), MemberMessages.Peer(2)]);
        probe.Pass(TimeSpan.FromMinutes(1));
        Assert.Empty(probe.Changes);
        Assert.Equal(TimeSpan.Zero, probe[1].RoundTrip);
        Assert.InRange(probe.Sent.Count, 2 * 40, 2 * 61);
    }

    [Fact]
    public void One_that_is_silent_is_probed_asked_for_suspect_and_lost_within_five_seconds()
    {
        var probe = new DetectorProbe(neighbours: 6);
        probe.Answering.UnionWith(Enumerable.Range(2, 5).Select(i => MemberMessages.Peer((byte)i)));
        probe.Pass(TimeSpan.FromSeconds(2.2));
        Assert.Equal(MemberState.Alive, probe[1].State);
        probe.Pass(TimeSpan.FromSeconds(1.2));
        Assert.Equal(MemberState.Suspect, probe[1].State);
        probe.Pass(TimeSpan.FromSeconds(1.4));
        Assert.Equal(SuspectedAndLost, probe.ChangesOf(1));
        Assert.Equal(2 * probe.Options.Helpers, probe.Sent.Count(sent => sent.Message is MemberMessage.ProbeRequest));
        Assert.Equal(5, probe.Sent.Count(sent => sent.Message is MemberMessage.Suspect));
        Assert.All(probe.Changes, change => Assert.Equal(MemberMessages.Peer(1), change.Id));

        probe.Receive(1, new MemberMessage.Probe(1));
        Assert.Equal(SwarmEventKind.Returned, probe.ChangesOf(1).Last());
        Assert.Equal(MemberState.Alive, probe[1].State);
    }

    [Fact]
    public void A_bad_link_is_no_death()
    {
        var probe = new DetectorProbe(neighbours: 3);
        probe.Answering.UnionWith([MemberMessages.Peer(2), MemberMessages.Peer(3)]);
        for (var i = 0; i < 600; i++)
        {
            var before = probe.Sent.Count;
            probe.Pass(TimeSpan.FromMilliseconds(100));
            foreach (var (to, message) in probe.Sent.Skip(before).ToList())
            {
                if (message is MemberMessage.ProbeRequest request && to == MemberMessages.Peer(2))
                {
                    probe.Receive(2, new MemberMessage.ProbeReport(request.Target, request.Nonce, IsAlive: true));
                }
            }
        }

        Assert.Empty(probe.Changes);
    }

    [Fact]
    public void One_whose_session_breaks_is_suspect_at_once_and_lost_when_it_refuses_and_nobody_sees_it()
    {
        var probe = new DetectorProbe(neighbours: 5);
        probe.Detector.Disconnect(probe[1], isExpected: false, probe.Now);
        Assert.Equal(MemberState.Suspect, probe[1].State);
        Assert.Equal([MemberMessages.Peer(1)], probe.Dialed);
        probe.Detector.FailDial(probe[1], probe.Now);
        var requests = probe.Sent.Where(sent => sent.Message is MemberMessage.ProbeRequest).ToList();
        Assert.Equal(probe.Options.Helpers, requests.Count);
        foreach (var (to, message) in requests)
        {
            Assert.Equal(MemberState.Suspect, probe[1].State);
            probe.Receive(to.Bytes.Span[^1], new MemberMessage.ProbeReport(MemberMessages.Peer(1), ((MemberMessage.ProbeRequest)message).Nonce, IsAlive: false));
        }

        Assert.Equal(SuspectedAndLost, probe.ChangesOf(1));
        Assert.Equal(4, probe.Sent.Count(sent => sent.Message is MemberMessage.Suspect));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Helpers_that_say_nothing_are_not_waited_for_long(bool doesDialFail)
    {
        var probe = new DetectorProbe(neighbours: 5);
        probe.Detector.Disconnect(probe[1], isExpected: false, probe.Now);
        if (doesDialFail)
        {
            probe.Detector.FailDial(probe[1], probe.Now);
        }

        probe.Pass(TimeSpan.FromSeconds(doesDialFail ? 1.6 : 3.6));
        Assert.Equal(SuspectedAndLost, probe.ChangesOf(1));
    }

    [Fact]
    public void One_that_cannot_be_dialed_but_is_seen_by_another_is_not_lost()
    {
        var probe = new DetectorProbe(neighbours: 2);
        probe.Detector.Disconnect(probe[1], isExpected: false, probe.Now);
        probe.Detector.FailDial(probe[1], probe.Now);
        var request = probe.SentTo<MemberMessage.ProbeRequest>(2).Single();
        probe.Receive(2, new MemberMessage.ProbeReport(request.Target, request.Nonce, IsAlive: true));
        Assert.Equal([SwarmEventKind.Suspected, SwarmEventKind.Cleared], probe.ChangesOf(1));
    }

    [Fact]
    public void A_session_that_nobody_needed_may_end()
    {
        var probe = new DetectorProbe(neighbours: 2);
        probe.Detector.Disconnect(probe[1], isExpected: true, probe.Now);
        Assert.Empty(probe.Changes);
        Assert.Empty(probe.Dialed);
    }

    [Fact]
    public void Hearsay_alone_loses_nobody()
    {
        var probe = new DetectorProbe(neighbours: 2);
        probe.Answering.UnionWith([MemberMessages.Peer(1), MemberMessages.Peer(2)]);
        for (var i = 0; i < 100; i++)
        {
            probe.Receive(2, new MemberMessage.Suspect(MemberMessages.Peer(1), 1));
            probe.Receive(2, new MemberMessage.ProbeReport(MemberMessages.Peer(1), (uint)i, IsAlive: false));
            probe.Pass(TimeSpan.FromMilliseconds(100));
        }

        Assert.Empty(probe.Changes);
        // It is told, so that it makes a newer record.
        Assert.Single(probe.SentTo<MemberMessage.Suspect>(1));
    }

    [Fact]
    public void One_without_a_session_is_dialed_when_it_is_hinted_at_but_not_again_and_again()
    {
        var probe = new DetectorProbe(neighbours: 1);
        probe.Detector.Renew(MemberMessages.Peer(9), sequence: 4, probe.Now);
        probe.Receive(1, new MemberMessage.Suspect(MemberMessages.Peer(9), 3));
        Assert.Empty(probe.Dialed);
        for (var i = 0; i < 10; i++)
        {
            probe.Receive(1, new MemberMessage.Suspect(MemberMessages.Peer(9), 4));
            probe.Detector.Connect(MemberMessages.Peer(9), probe.Now);
            probe.Detector.Disconnect(probe[9], isExpected: true, probe.Now);
        }

        Assert.Single(probe.Dialed);
        Assert.Equal([SwarmEventKind.Suspected, SwarmEventKind.Cleared], probe.ChangesOf(9));
        Assert.Single(probe.SentTo<MemberMessage.Suspect>(9));
    }

    [Fact]
    public void Lost_ones_are_dialed_now_and_then_return_with_a_newer_record_and_are_forgotten_at_last()
    {
        var probe = new DetectorProbe();
        probe.Detector.Renew(MemberMessages.Peer(1), 1, probe.Now);
        probe.Detector.FailDial(probe[1], probe.Now);
        Assert.Equal(SuspectedAndLost, probe.ChangesOf(1));
        probe.Pass(TimeSpan.FromMinutes(1));
        Assert.InRange(probe.Dialed.Count, 10, 21);

        probe.Detector.Renew(MemberMessages.Peer(1), 2, probe.Now);
        Assert.Equal(MemberState.Alive, probe[1].State);
        probe.Detector.FailDial(probe[1], probe.Now);
        Assert.Equal(MemberState.Lost, probe[1].State);
        probe.Pass(probe.Options.ForgetAfter + TimeSpan.FromSeconds(2));
        Assert.Equal(SwarmEventKind.Forgotten, probe.ChangesOf(1).Last());
        Assert.Empty(probe.Detector.Contacts);
        Assert.Equal(TimeSpan.MaxValue, probe.Detector.NextTick);
    }

    [Fact]
    public void Others_are_helped_with_what_is_seen_here()
    {
        var probe = new DetectorProbe(neighbours: 3);
        probe.Answering.Add(MemberMessages.Peer(1));
        probe.Receive(1, new MemberMessage.ProbeRequest(MemberMessages.Peer(0), 10));
        probe.Receive(1, new MemberMessage.ProbeRequest(MemberMessages.Peer(2), 11));
        probe.Receive(1, new MemberMessage.ProbeRequest(MemberMessages.Peer(3), 12));
        probe.Receive(1, new MemberMessage.ProbeRequest(MemberMessages.Peer(99), 13));
        probe.Receive(2, new MemberMessage.Answer(probe.SentTo<MemberMessage.Probe>(2).Single().Nonce));
        probe.Pass(TimeSpan.FromSeconds(1.2));
        Assert.Equal(
            [(10U, true), (11U, true), (12U, false), (13U, false)],
            probe.SentTo<MemberMessage.ProbeReport>(1).Select(report => (report.Nonce, report.IsAlive)).Order());
    }

    [Fact]
    public void One_that_leaves_is_not_asked_after()
    {
        var probe = new DetectorProbe(neighbours: 2);
        probe.Detector.Leave(probe[1], sequence: 2);
        probe.Pass(TimeSpan.FromSeconds(10));
        Assert.Empty(probe.SentTo<MemberMessage.Probe>(1));
        probe.Detector.Disconnect(probe[1], isExpected: false, probe.Now);
        Assert.DoesNotContain(MemberMessages.Peer(1), probe.Dialed);
        Assert.Empty(probe.ChangesOf(1));
    }
}
