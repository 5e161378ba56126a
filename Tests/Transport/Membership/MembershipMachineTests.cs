using System.Globalization;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Membership.Messages;

namespace ManagedSwarm.Tests.Transport.Membership;

/// <summary>One member, seen from outside.</summary>
public sealed class MembershipMachineTests
{
    private static readonly NodeFacts Facts = MachineProbe.Facts;

    [Fact]
    public void What_matters_is_made_known_within_a_second_and_at_most_once_in_it()
    {
        using var probe = new MachineProbe();
        probe.Machine.Announce(Facts, probe.Now);
        List<ulong> sequences = [probe.OwnSequence];
        for (var i = 0; i < 100; i++)
        {
            probe.Machine.Announce(Facts with { Name = $"{i}" }, probe.Now);
            probe.Pass(TimeSpan.FromMilliseconds(100));
            if (probe.OwnSequence != sequences[^1])
            {
                sequences.Add(probe.OwnSequence);
            }

            // What was said ten steps ago is known.
            Assert.True(i < 9 || int.Parse(probe.Machine.Members.Single().Facts.Name, CultureInfo.InvariantCulture) >= i - 9);
        }

        // Numbers are the milliseconds at which the records were made.
        Assert.Equal(11, sequences.Count);
        Assert.All(sequences.Zip(sequences.Skip(1)), pair => Assert.Equal(1000UL, pair.Second - pair.First));
    }

    [Theory]
    [InlineData(100L << 20, 0, 0)]
    [InlineData(0, 0, 0)]
    [InlineData(2L << 30, 0, 1)]
    [InlineData(0, 1, 1)]
    public void Memory_that_wobbles_is_not_news_and_load_is_not_at_once(long memory, int requests, int records)
    {
        using var probe = new MachineProbe();
        probe.Machine.Announce(Facts, probe.Now);
        probe.Pass(TimeSpan.FromSeconds(2));
        var before = probe.OwnSequence;
        probe.Machine.Announce(Facts with { FreeMemory = Facts.FreeMemory - memory, Load = new NodeLoad(requests, 0) }, probe.Now);
        probe.Pass(TimeSpan.FromSeconds(5));
        Assert.Equal(before, probe.OwnSequence);
        probe.Pass(TimeSpan.FromSeconds(6));
        Assert.Equal(records == 1, probe.OwnSequence > before);
    }

    [Fact]
    public void A_record_is_made_anew_long_before_it_runs_out()
    {
        using var probe = new MachineProbe();
        probe.Machine.Announce(Facts, probe.Now);
        for (var i = 0; i < 10; i++)
        {
            var before = probe.OwnSequence;
            probe.Pass(TimeSpan.FromMinutes(34));
            Assert.InRange(probe.OwnSequence, before + 1, ulong.MaxValue);
        }
    }

    [Fact]
    public void Who_hears_that_it_is_suspected_says_that_it_lives_by_a_newer_record()
    {
        using var probe = new MachineProbe();
        probe.Machine.Announce(Facts, probe.Now);
        var peer = probe.Connect(1);
        probe.Pass(TimeSpan.FromSeconds(3));
        var before = probe.OwnSequence;
        probe.Machine.Receive(peer, new MemberMessage.Suspect(probe.Self, before), probe.Now);
        probe.Machine.Receive(peer, new MemberMessage.Probe(77), probe.Now);
        Assert.Contains((peer, new MemberMessage.Answer(77)), probe.Sent);
        probe.Pass(TimeSpan.FromSeconds(5));
        Assert.InRange(probe.OwnSequence, before + 1, ulong.MaxValue);

        // Whoever suspects an older record is shown the newer one.
        probe.Sent.Clear();
        var after = probe.OwnSequence;
        probe.Machine.Receive(peer, new MemberMessage.Suspect(probe.Self, before), probe.Now);
        Assert.IsType<MemberMessage.Records>(Assert.Single(probe.Sent).Message);
        probe.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal(after, probe.OwnSequence);
    }

    [Fact]
    public void Time_in_which_it_slept_itself_is_nobodys_silence()
    {
        using var probe = new MachineProbe();
        probe.Machine.Announce(Facts, probe.Now);
        probe.Connect(1);
        probe.Now += TimeSpan.FromHours(2);
        probe.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal([SwarmEventKind.Joined], probe.Changes.Select(change => change.Kind));
        probe.Pass(TimeSpan.FromSeconds(6));
        Assert.Equal(SwarmEventKind.Lost, probe.Changes[^1].Kind);
    }

    [Fact]
    public void Another_version_is_not_spoken_with()
    {
        using var probe = new MachineProbe();
        var peer = probe.Connect(1);
        probe.Machine.Receive(peer, new MemberMessage.Hello(MembershipMachine.MessageVersion, 0), probe.Now);
        Assert.Empty(probe.GivenUp);
        probe.Machine.Receive(peer, new MemberMessage.Hello(2, 0), probe.Now);
        Assert.Equal([peer], probe.GivenUp);
        Assert.Equal(["version_mismatch"], probe.Refusals);
    }

    [Fact]
    public void After_it_has_left_nothing_concerns_it_any_more()
    {
        using var probe = new MachineProbe();
        probe.Machine.Announce(Facts, probe.Now);
        var peer = probe.Connect(1);
        probe.Machine.Leave(probe.Now);
        var farewell = Assert.IsType<MemberMessage.Records>(probe.Sent[^1].Message);
        Assert.Single(farewell.Signed);
        var before = probe.Sent.Count;
        probe.Machine.Receive(peer, new MemberMessage.Probe(1), probe.Now);
        probe.Machine.Announce(Facts with { Name = "again" }, probe.Now);
        probe.Machine.Disconnected(peer, "closed", probe.Now);
        Assert.Equal(before, probe.Sent.Count);
        Assert.Equal(TimeSpan.MaxValue, probe.Machine.NextTick);
    }

    [Fact]
    public void A_member_is_shown_as_it_is()
    {
        using var probe = new MachineProbe();
        probe.Machine.Announce(Facts, probe.Now);
        var peer = probe.Connect(3);
        probe.Pass(TimeSpan.FromSeconds(1.1));
        var nonce = probe.Sent.Select(sent => sent.Message).OfType<MemberMessage.Probe>().First().Nonce;
        probe.Now += TimeSpan.FromMilliseconds(50);
        probe.Machine.Receive(peer, new MemberMessage.Answer(nonce), probe.Now);
        var member = probe.Machine.Members.Single(member => !member.IsSelf);
        Assert.Equal((peer, "3", 1UL, MemberState.Alive, true), (member.Id, member.Facts.Name, member.Sequence, member.State, member.IsConnected));
        Assert.Equal(TimeSpan.Zero, member.SinceSeen);
        Assert.InRange(member.RoundTrip!.Value, TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(250));
        Assert.Equal(probe.Self, probe.Machine.Members.First().Id);
        Assert.True(probe.Machine.Members.First().IsSelf);
    }
}
