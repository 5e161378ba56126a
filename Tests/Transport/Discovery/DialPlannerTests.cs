using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Discovery;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Tests.Transport.Discovery;

/// <summary>What is dialed when, without a socket or a clock.</summary>
public sealed class DialPlannerTests
{
    private static readonly PeerId[] Peers = [.. Enumerable.Range(0, 40).Select(_ => NewId())];

    private readonly DialOutputs _output = new();

    [Fact]
    public void Dials_what_it_hears_of_once()
    {
        var planner = Create();
        planner.Hear(new("mdns", Peers[1], [Address(1)]), Seconds(0));
        planner.Hear(new("mdns", Peers[1], [Address(1).WithPeerId(Peers[1])]), Seconds(0));
        planner.Hear(new("bootstrap", null, [Address(1)]), Seconds(0));

        Assert.Equal(new DialAttempt(Address(1), Peers[1], "mdns"), Assert.Single(_output.Dials));
    }

    [Fact]
    public void Never_dials_itself()
    {
        var planner = Create();
        planner.Hear(new("mdns", Peers[0], [Address(1)]), Seconds(0));
        planner.Hear(new("bootstrap", null, [Address(2).WithPeerId(Peers[0])]), Seconds(0));
        planner.Request(Peers[0], [Address(3)], Seconds(0));
        Assert.Empty(_output.Dials);
        Assert.Equal((Peers[0], "dialed_self"), Assert.Single(_output.Ended));

        // An address of this node that nobody knew to be its own is tried once and never again.
        planner.Hear(new("bootstrap", null, [Address(4)]), Seconds(1));
        Fail(planner, Assert.Single(_output.Dials), "dialed_self", Seconds(1));
        Assert.Equal(TimeSpan.MaxValue, planner.NextTick);
        planner.Tick(Seconds(100_000));
        Assert.Single(_output.Dials);
    }

    [Fact]
    public void Ignores_addresses_of_somebody_else()
    {
        Create().Hear(new("mdns", Peers[1], [Address(1).WithPeerId(Peers[2])]), Seconds(0));

        Assert.Empty(_output.Dials);
    }

    [Fact]
    public void Waits_longer_after_each_failure_and_never_longer_than_allowed()
    {
        var planner = Create();
        planner.Hear(new("bootstrap", null, [Address(1)]), Seconds(0));
        var (now, pauses) = (Seconds(0), new List<double>());
        for (var i = 0; i < 20; i++)
        {
            Fail(planner, _output.Dials[i], "unreachable", now);
            planner.Tick(planner.NextTick - TimeSpan.FromTicks(1));
            Assert.Equal(i + 1, _output.Dials.Count);
            pauses.Add((planner.NextTick - now).TotalSeconds);
            now = planner.NextTick;
            planner.Tick(now);
        }

        for (var i = 0; i < pauses.Count; i++)
        {
            var middle = Math.Min(0.5 * Math.Pow(2, i), 60);
            Assert.InRange(pauses[i], middle * 0.75, middle * 1.25);
        }

        Assert.True(pauses.Select(pause => Math.Round(pause, 3)).Distinct().Count() > 15, "pauses differ by chance");
    }

    [Fact]
    public void A_node_of_this_machine_is_tried_every_other_second()
    {
        var planner = Create();
        planner.Hear(new("registry", Peers[1], [Address(1)]), Seconds(0));
        var now = Seconds(0);
        for (var i = 0; i < 20; i++)
        {
            Fail(planner, _output.Dials[i], "unreachable", now);
            Assert.InRange(planner.NextTick - now, TimeSpan.Zero, Seconds(2.5));
            now = planner.NextTick;
            planner.Tick(now);
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_pauses()
    {
        TimeSpan[] ticks =
        [
            .. new[] { 1, 1, 2 }.Select(seed =>
            {
                var planner = Create(seed: seed);
                planner.Hear(new("bootstrap", null, [Address(1)]), Seconds(0));
                Fail(planner, _output.Dials[^1], "unreachable", Seconds(0));
                return planner.NextTick;
            }),
        ];

        Assert.Equal(ticks[0], ticks[1]);
        Assert.NotEqual(ticks[0], ticks[2]);
    }

    [Fact]
    public void Dials_so_many_at_once_and_the_next_when_one_ends()
    {
        var planner = Create(new() { Dials = 3 });
        for (var i = 1; i <= 5; i++)
        {
            planner.Hear(new("mdns", Peers[i], [Address(i)]), Seconds(0));
        }

        Assert.Equal(3, _output.Dials.Count);
        Fail(planner, _output.Dials[1], "unreachable", Seconds(0));
        Assert.Equal(4, _output.Dials.Count);
        Assert.Equal(Address(4), _output.Dials[3].Address);
    }

    [Fact]
    public void Tries_a_peers_next_address_when_one_fails_or_answers_late()
    {
        var planner = Create();
        planner.Hear(new("mdns", Peers[1], [Address(1), Address(2), Address(3)]), Seconds(0));
        Assert.Single(_output.Dials);
        Assert.Equal(Seconds(0.25), planner.NextTick);
        planner.Tick(Seconds(0.25));
        Assert.Equal([Address(1), Address(2)], _output.Dials.Select(dial => dial.Address));
        Fail(planner, _output.Dials[0], "unreachable", Seconds(0.3));
        Assert.Equal(2, _output.Dials.Count);
        Fail(planner, _output.Dials[1], "unreachable", Seconds(0.4));
        Assert.Equal(Address(3), _output.Dials[2].Address);

        planner.Connected(Peers[1], Seconds(0.5));
        Assert.Equal([_output.Dials[2]], _output.GivenUp);
        planner.Ended(_output.Dials[2], null, null, Seconds(0.5), At(0));
        planner.Tick(Seconds(1000));
        Assert.Equal(3, _output.Dials.Count);
        Assert.Equal(2, planner.Trials.Count);
    }

    [Fact]
    public void Dials_rumours_only_while_there_are_few_sessions()
    {
        var planner = Create(new() { WantedSessions = 3 });
        for (var i = 1; i <= 6; i++)
        {
            planner.Hear(new("dht", Peers[i], [Address(i)]), Seconds(0));
        }

        Assert.Equal(3, _output.Dials.Count);
        for (var i = 0; i < 3; i++)
        {
            Work(planner, _output.Dials[i], Peers[i + 1], Seconds(0));
        }

        planner.Tick(Seconds(1000));
        Assert.Equal(3, _output.Dials.Count);
        planner.Disconnected(Peers[1], Seconds(1000));
        Assert.Equal(4, _output.Dials.Count);
        Assert.Equal(Peers[4], _output.Dials[3].Expected);
    }

    [Fact]
    public void Dials_what_the_user_named_until_it_has_worked_once()
    {
        var planner = Create(new() { WantedSessions = 1 });
        planner.Hear(new("mdns", Peers[1], [Address(1)]), Seconds(0));
        Work(planner, _output.Dials[0], Peers[1], Seconds(0));
        planner.Hear(new("bootstrap", null, [Address(2)]), Seconds(0));
        Fail(planner, _output.Dials[1], "unreachable", Seconds(0));
        planner.Tick(Seconds(10));
        Work(planner, _output.Dials[2], Peers[2], Seconds(10));
        planner.Disconnected(Peers[2], Seconds(100));
        planner.Tick(Seconds(1000));
        Assert.Equal(3, _output.Dials.Count);
    }

    [Fact]
    public void A_request_is_dialed_at_once_and_told_how_it_ended()
    {
        var planner = Create(new() { WantedSessions = 0 });
        planner.Request(Peers[1], [Address(1), Address(2)], Seconds(0));
        Fail(planner, _output.Dials[0], "unreachable", Seconds(0));
        Assert.Empty(_output.Ended);
        Fail(planner, _output.Dials[1], "handshake_failed", Seconds(0));
        Assert.Equal((Peers[1], "handshake_failed"), Assert.Single(_output.Ended));

        planner.Request(Peers[1], [], Seconds(0.1));
        Assert.Equal(2, _output.Dials.Count);
        planner.Tick(planner.NextTick);
        Work(planner, _output.Dials[2], Peers[1], Seconds(1));
        Assert.Equal((Peers[1], null), _output.Ended[1]);

        planner.Request(Peers[1], [], Seconds(2));
        Assert.Equal((Peers[1], null), _output.Ended[2]);
        planner.Request(Peers[2], [], Seconds(2));
        Assert.Equal((Peers[2], "unknown_peer"), _output.Ended[3]);
    }

    [Fact]
    public void Learns_who_is_at_an_address()
    {
        var planner = Create();
        planner.Hear(new("bootstrap", null, [Address(1)]), Seconds(0));
        Work(planner, _output.Dials[0], Peers[1], Seconds(0));
        planner.Hear(new("bootstrap", null, [Address(1)]), Seconds(1));
        planner.Tick(Seconds(1000));
        Assert.Single(_output.Dials);
        Assert.Equal(Address(1).WithPeerId(Peers[1]), Assert.Single(planner.Trials).Address);

        planner.Disconnected(Peers[1], Seconds(1000));
        planner.Tick(planner.NextTick);
        Assert.Equal(new DialAttempt(Address(1), Peers[1], "bootstrap"), _output.Dials[1]);
    }

    [Fact]
    public void Says_when_somebody_else_answers()
    {
        var planner = Create();
        planner.Request(Peers[1], [Address(1)], Seconds(0));
        Work(planner, _output.Dials[0], Peers[2], Seconds(0));
        Assert.Equal((Peers[1], "wrong_peer"), Assert.Single(_output.Ended));
        var trial = Assert.Single(planner.Trials);
        Assert.Equal((Address(1).WithPeerId(Peers[1]), "wrong_peer"), (trial.Address, trial.Code));
        Assert.Contains(Peers[2].ToString(), trial.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Dials_again_soon_after_a_session_and_later_after_a_short_one()
    {
        var planner = Create();
        planner.Hear(new("mdns", Peers[1], [Address(1)]), Seconds(0));
        Work(planner, _output.Dials[0], Peers[1], Seconds(0));
        planner.Disconnected(Peers[1], Seconds(60));
        Assert.InRange(planner.NextTick, Seconds(60), Seconds(60.5));

        var now = planner.NextTick;
        for (var i = 0; i < 10; i++)
        {
            planner.Tick(now);
            Work(planner, _output.Dials[^1], Peers[1], now);
            planner.Disconnected(Peers[1], now);
            now = planner.NextTick;
        }

        Assert.InRange(now, Seconds(200), Seconds(1000));
    }

    [Fact]
    public void Remembers_trials_the_newest_first_and_not_too_many()
    {
        var planner = Create(new() { Trials = 3, Dials = 100, WantedSessions = 100, FirstPause = Seconds(50), Jitter = 0 });
        for (var i = 1; i <= 5; i++)
        {
            planner.Hear(new("mdns", Peers[i], [Address(i)]), Seconds(i));
            Fail(planner, _output.Dials[^1], "unreachable", Seconds(i));
        }

        planner.Tick(Seconds(100));
        var again = _output.Dials.FindLast(dial => dial.Expected == Peers[4])!;
        Work(planner, again, Peers[4], Seconds(100));
        Assert.Equal([4, 5, 3], planner.Trials.Select(trial => trial.Address.TcpPort!.Value));
        Assert.Equal([null, "unreachable", "unreachable"], planner.Trials.Select(trial => trial.Code));
        Assert.Equal(At(100), planner.Trials[0].At);
    }

    [Fact]
    public void A_flood_of_rumours_is_bounded_and_does_not_drive_out_what_the_user_named()
    {
        var planner = Create(new() { Addresses = 50, Dials = 4 });
        planner.Hear(new("bootstrap", null, [Address(1)]), Seconds(0));
        Fail(planner, _output.Dials[0], "unreachable", Seconds(0));
        var dialed = 1;
        for (var i = 0; i < 5000; i++)
        {
            planner.Hear(new("dht", NewId(), [Address(2 + i)]), Seconds(0.0001 * i));
            for (; dialed < _output.Dials.Count; dialed++)
            {
                Fail(planner, _output.Dials[dialed], "unreachable", Seconds(0.0001 * i));
            }
        }

        planner.Tick(Seconds(100));
        Assert.Contains(_output.Dials.Skip(dialed), dial => dial.Source == "bootstrap");
        for (; dialed < _output.Dials.Count; dialed++)
        {
            Fail(planner, _output.Dials[dialed], "unreachable", Seconds(100));
        }

        var peer = Peers[1];
        planner.Request(peer, [.. Enumerable.Range(20_000, 1000).Select(Address)], Seconds(200));
        Assert.InRange(_output.Dials.Count(dial => dial.Expected == peer), 1, 16);
    }

    [Fact]
    public void A_new_address_of_a_peer_takes_the_place_of_one_that_fails()
    {
        var planner = Create(new() { AddressesPerPeer = 2 });
        planner.Hear(new("registry", Peers[1], [Address(1), Address(2)]), Seconds(0));
        Fail(planner, _output.Dials[0], "unreachable", Seconds(0));
        Fail(planner, _output.Dials[1], "unreachable", Seconds(0));
        planner.Hear(new("registry", Peers[1], [Address(3)]), Seconds(0));
        Assert.Equal(Address(3), _output.Dials[2].Address);
    }

    private static PeerId NewId()
    {
        using var identity = Identity.Generate();
        return identity.PeerId;
    }

    private static Multiaddress Address(int port) => Multiaddress.Parse($"/ip4/192.0.2.1/tcp/{port}");

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static DateTimeOffset At(double seconds) => DateTimeOffset.UnixEpoch + Seconds(seconds);

    private static void Fail(DialPlanner planner, DialAttempt attempt, string code, TimeSpan now) =>
        planner.Ended(attempt, null, new SwarmException(code, "for a test"), now, At(now.TotalSeconds));

    private static void Work(DialPlanner planner, DialAttempt attempt, PeerId peer, TimeSpan now)
    {
        planner.Connected(peer, now);
        planner.Ended(attempt, peer, null, now, At(now.TotalSeconds));
    }

    private DialPlanner Create(DialOptions? options = null, int seed = 7) => new(Peers[0], options ?? new(), seed, _output);
}
