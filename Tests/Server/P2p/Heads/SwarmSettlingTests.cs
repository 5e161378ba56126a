using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Tests.Server.P2p.Heads;

public sealed class SwarmSettlingTests
{
    private static readonly SwarmSettling Settling = new() { Quiet = Seconds(1), Limit = Seconds(5) };

    private static readonly SwarmMember Self = FakeSwarms.Member("self", MemberState.Alive, NodeRole.Head) with { IsSelf = true };

    private static readonly SwarmMember Worker = FakeSwarms.Member("desk", MemberState.Alive, NodeRole.Worker) with { IsConnected = true };

    [Theory]
    [InlineData(0.2, 0.2, 0.8)]
    [InlineData(3, 0.25, 0.75)]
    [InlineData(4.5, 0.1, 0.5)]
    [InlineData(1, 1, null)]
    [InlineData(5, 0.1, null)]
    public void Waits_until_nothing_new_is_heard_for_a_while(double waited, double sinceNews, double? left) =>
        Assert.Equal(left, Settling.TimeLeft([Self, Worker], Seconds(waited), Seconds(sinceNews))?.TotalSeconds);

    [Fact]
    public void Waits_as_long_as_it_may_while_no_worker_is_known()
    {
        var head = FakeSwarms.Member("other head", MemberState.Alive, NodeRole.Head) with { IsConnected = true };
        var gone = FakeSwarms.Member("gone", MemberState.Lost, NodeRole.Worker);
        Assert.Equal(Seconds(2), Settling.TimeLeft([Self, head, gone], Seconds(3), Seconds(3)));
        Assert.Null(Settling.TimeLeft([Self, head, gone], Seconds(5), Seconds(5)));
    }

    [Theory]
    [InlineData(MemberState.Alive, false, null, true)]
    [InlineData(MemberState.Suspect, true, 0.1, true)]
    [InlineData(MemberState.Alive, true, null, false)]
    [InlineData(MemberState.Alive, false, 0.1, false)]
    [InlineData(MemberState.Lost, false, null, false)]
    [InlineData(MemberState.Left, false, null, false)]
    public void Waits_for_members_that_have_not_answered(MemberState state, bool isConnected, double? roundTrip, bool waits)
    {
        var other = FakeSwarms.Member("lap", state, NodeRole.Worker) with
        {
            IsConnected = isConnected,
            RoundTrip = roundTrip is { } seconds ? Seconds(seconds) : null,
        };
        Assert.Equal(waits ? Seconds(1) : null, Settling.TimeLeft([Self, Worker, other], Seconds(4), Seconds(4)));
        Assert.Equal(waits, SwarmSettling.Describe([Self, Worker, other]).EndsWith("; no answer yet from lap", StringComparison.Ordinal));
    }

    [Fact]
    public void Says_who_is_known()
    {
        Assert.Equal("looking for who else is there: no worker is known yet", SwarmSettling.Describe([Self]));
        Assert.Equal("looking for who else is there: 1 worker is known so far", SwarmSettling.Describe([Self, Worker]));
        Assert.Equal("looking for who else is there: 2 workers are known so far", SwarmSettling.Describe([Self, Worker, Worker]));
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
