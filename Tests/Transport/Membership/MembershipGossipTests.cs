using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Transport.Libp2p.Gossip;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Membership.Node;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Transport.Membership;

/// <summary>What a member makes of gossip: of messages that their authors have not signed, and of streams that break.</summary>
public sealed class MembershipGossipTests
{
    private const byte Author = 3;
    private const int MemberRefused = 3081;

    [Fact]
    public void A_message_that_its_author_has_not_signed_is_neither_taken_nor_sent_on_and_does_not_keep_out_the_real_one()
    {
        using var probe = new MachineProbe(change: Verifying);
        probe.Machine.Announce(MachineProbe.Facts, probe.Now);
        var (sender, neighbour) = (probe.ConnectGossip(1), probe.ConnectGossip(2));
        var author = MachineProbe.Peer(Author).Id;
        probe.Gossip.Clear();

        probe.Machine.ReceiveGossip(sender, MachineProbe.Spread(Author, signer: 1), probe.Now);
        Assert.Equal(["forged_message"], probe.Refusals);
        Assert.Null(probe.Machine.Ledger.Find(author));
        Assert.Empty(probe.Gossip);

        var real = MachineProbe.Spread(Author, signer: Author);
        probe.Machine.ReceiveGossip(sender, real, probe.Now);
        Assert.Equal(["forged_message"], probe.Refusals);
        Assert.NotNull(probe.Machine.Ledger.Find(author));
        var (to, rpc) = Assert.Single(probe.Gossip);
        Assert.Equal((neighbour, real.Messages[0]), (to, Assert.Single(rpc.Messages)));
    }

    [Fact]
    public async Task Whoever_spreads_such_messages_again_and_again_is_told_of_once()
    {
        var (time, log) = (new FakeTimeProvider(), new TestLog());
        using var probe = new MachineProbe(change: Verifying);
        await using var events = new SwarmEventQueue(log);
        await using var driver = new MembershipDriver(probe.CreateMachine, events, time, log);
        var (sender, _) = MachineProbe.Peer(1);
        driver.Do((machine, now) => machine.Announce(MachineProbe.Facts, now));
        driver.Do((machine, now) => machine.Connected(sender, now));
        for (var sequence = 1UL; sequence <= 5; sequence++)
        {
            driver.Do((machine, now) => machine.ReceiveGossip(sender, MachineProbe.Spread(Author, signer: 1, sequence), now));
        }

        var line = Assert.Single(log.Of(MemberRefused));
        Assert.Equal(("forged_message", sender), (line["Code"], line["Peer"]));
        Assert.Single(driver.Members);
    }

    // Of two sides one compares when they meet: what is opened anew is compared by whichever has opened it.
    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    public void What_was_lost_with_a_stream_is_made_good_when_it_is_opened_anew(byte number, byte otherNumber)
    {
        using var probe = new MachineProbe(number);
        using var other = new MachineProbe(otherNumber);
        Meet(probe, other);
        Announce(probe, "lost");
        probe.Sent.Clear();
        probe.Gossip.Clear();

        probe.Machine.Reopened(other.Self, probe.Now);
        probe.Exchange(other);
        Assert.Equal("lost", other.Machine.Ledger.Find(probe.Self)!.Facts.Name);
    }

    [Fact]
    public void Gossip_goes_on_with_a_peer_whose_stream_was_opened_anew()
    {
        using var probe = new MachineProbe(1);
        using var other = new MachineProbe(2);
        Meet(probe, other);
        probe.Machine.Reopened(other.Self, probe.Now);
        probe.Exchange(other);

        Announce(probe, "next");
        probe.Sent.Clear();
        probe.Exchange(other);
        Assert.Equal("next", other.Machine.Ledger.Find(probe.Self)!.Facts.Name);
    }

    [Fact]
    public void A_stream_to_a_stranger_is_none_that_is_opened_anew()
    {
        using var probe = new MachineProbe();
        probe.Machine.Announce(MachineProbe.Facts, probe.Now);
        probe.Machine.Reopened(MachineProbe.Peer(1).Id, probe.Now);
        Assert.Empty(probe.Sent);
        Assert.Empty(probe.Gossip);
    }

    private static MembershipOptions Verifying(MembershipOptions options) => options with { VerifiesGossip = GossipSigning.Verify };

    private static void Meet(MachineProbe one, MachineProbe other)
    {
        one.Machine.Announce(MachineProbe.Facts, one.Now);
        other.Machine.Announce(MachineProbe.Facts, other.Now);
        one.Machine.Connected(other.Self, one.Now);
        other.Machine.Connected(one.Self, other.Now);
        for (var i = 0; i < 20; i++)
        {
            one.Exchange(other);
            one.Pass(TimeSpan.FromMilliseconds(100));
            other.Pass(TimeSpan.FromMilliseconds(100));
        }

        one.Exchange(other);
        Assert.NotNull(other.Machine.Ledger.Find(one.Self));
    }

    /// <summary>Says something new, so long after what was said last that it is said at once.</summary>
    private static void Announce(MachineProbe probe, string name)
    {
        probe.Machine.Announce(MachineProbe.Facts with { Name = name }, probe.Now);
        probe.Machine.Tick(probe.Now);
        Assert.Contains(probe.Gossip, sent => sent.Rpc.Messages.Count > 0);
        Assert.Equal(name, probe.Machine.Ledger.Find(probe.Self)!.Facts.Name);
    }
}
