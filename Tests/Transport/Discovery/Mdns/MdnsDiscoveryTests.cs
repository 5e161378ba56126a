using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Transport.Discovery.Mdns;
using ManagedSwarm.Transport.Discovery.Mdns.Dns;
using ManagedSwarm.Transport.Token;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Transport.Discovery.Mdns;

public sealed class MdnsDiscoveryTests
{
    private const int MdnsFails = 3051;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(90);

    // The fake clock may go on for long before a goodbye is under way: its time must not be over by then.
    private static readonly MdnsTiming Patient = new() { GoodbyeTimeout = TimeSpan.FromDays(1) };

    private static readonly MdnsInterface Loopback = new("lo", 1, true, true, [new(IPAddress.Loopback, 8)]);

    private readonly SwarmToken _token = SwarmToken.Generate();
    private readonly FakeTimeProvider _time = new(new(TestMdns.Day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero));
    private readonly MemoryLan _lan = new();
    private readonly TestLog _log = new();

    [Fact]
    public async Task Two_nodes_find_each_other()
    {
        await using var first = Run(1, Machine(1));
        await using var second = Run(2, Machine(2));
        Assert.Equal([second.Address], (await UntilAsync(first.FindAsync(second.Id, Timeout))).Addresses);
        Assert.Equal([first.Address], (await UntilAsync(second.FindAsync(first.Id, Timeout))).Addresses);
    }

    [Fact]
    public async Task Uses_all_interfaces_that_can_multicast_but_not_loopback()
    {
        var machine = Machine(1);
        var eth0 = machine.Interfaces[0];
        machine.Interfaces =
        [
            Loopback,
            eth0,
            eth0 with { Name = "tun0", SupportsMulticast = false },
            eth0 with { Name = "eth1", Prefixes = [eth0.Prefixes[0]] },
            eth0 with { Name = "eth2", Prefixes = [new(IPAddress.Parse("2001:db8::1"), 64)] },
        ];
        await using var node = Run(1, machine);

        Assert.Equal(
            [("eth0", AddressFamily.InterNetwork), ("eth0", AddressFamily.InterNetworkV6), ("eth1", AddressFamily.InterNetwork)],
            [await UntilReadAsync(machine.Opened), await UntilReadAsync(machine.Opened), await UntilReadAsync(machine.Opened)]);
        Assert.False(machine.Opened.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Uses_the_interfaces_that_it_is_told_and_says_once_which_are_not_there()
    {
        var machine = Machine(1);
        machine.Interfaces = [Loopback with { SupportsMulticast = false }, machine.Interfaces[0]];
        await using var node = Run(1, machine, ["lo", "eth7"]);

        Assert.Equal(("lo", AddressFamily.InterNetwork), await UntilReadAsync(machine.Opened));
        await LooksAsync(machine, 5);
        Assert.Equal(["mDNS finds no one by network interface 'eth7': there is none of this name that is up"], Troubles());
        Assert.False(machine.Opened.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Does_nothing_where_it_is_told_no_interfaces()
    {
        var machine = Machine(1);
        await using var discovery = new MdnsDiscovery(
            new SwarmKeys(_token), TestMdns.Peer(1), () => [], new() { Interfaces = [], Time = _time, Logger = _log }, machine);
        await discovery.RunAsync(_ => { }, TestContext.Current.CancellationToken);
        Assert.False(machine.Looks.Reader.TryRead(out _));
        Assert.Empty(Troubles());
    }

    [Fact]
    public async Task Says_once_that_there_is_no_multicast_and_goes_on_when_there_is()
    {
        var (machine, other) = (Machine(1), Machine(2));
        var interfaces = machine.Interfaces;
        machine.Interfaces = [];
        await using var node = Run(1, machine);
        await using var friend = Run(2, other);
        await LooksAsync(machine, 5);
        Assert.Equal(["mDNS finds no one by this machine: no network interface supports multicast"], Troubles());

        machine.Interfaces = interfaces;
        await UntilAsync(node.FindAsync(friend.Id, Timeout));
    }

    [Fact]
    public async Task Says_once_that_the_system_does_not_let_it()
    {
        var machine = Machine(1);
        machine.Failure = "not allowed";
        await using var node = Run(1, machine);
        await LooksAsync(machine, 5);
        Assert.Equal(
            [
                "mDNS finds no one by network interface 'eth0' (IPv4): not allowed",
                "mDNS finds no one by network interface 'eth0' (IPv6): not allowed",
            ],
            Troubles());
    }

    [Fact]
    public async Task Begins_again_on_an_interface_that_failed()
    {
        var (machine, other) = (Machine(1), Machine(2));
        await using var node = Run(1, machine);
        await UntilReadAsync(machine.Opened);
        await UntilReadAsync(machine.Opened);

        _lan.Break();

        await UntilReadAsync(machine.Opened);
        await UntilReadAsync(machine.Opened);
        await using var friend = Run(2, other);
        await UntilAsync(node.FindAsync(friend.Id, Timeout));
    }

    [Fact]
    public async Task Begins_anew_on_an_interface_whose_addresses_have_changed_and_leaves_one_that_went()
    {
        var machine = Machine(1);
        machine.Interfaces = [machine.Interfaces[0] with { Prefixes = [machine.Interfaces[0].Prefixes[0]] }];
        await using var node = Run(1, machine, timing: Patient);
        await UntilReadAsync(machine.Opened);
        await UntilHeardAsync(message => message.IsResponse);

        machine.Interfaces = [machine.Interfaces[0] with { Prefixes = [new(IPAddress.Parse("10.0.0.77"), 24)] }];
        await UntilHeardAsync(IsGoodbye);
        Assert.Equal(IPAddress.Parse("10.0.0.1"), await UntilReadAsync(_lan.Closed));
        await UntilReadAsync(machine.Opened);
        Assert.Equal(1, _lan.Count);
        await UntilHeardAsync(message => message.IsResponse && !IsGoodbye(message));

        machine.Interfaces = [];
        await UntilHeardAsync(IsGoodbye);
        Assert.Equal(IPAddress.Parse("10.0.0.77"), await UntilReadAsync(_lan.Closed));
        Assert.Equal(0, _lan.Count);
    }

    [Fact]
    public async Task Says_goodbye_when_it_is_disposed()
    {
        var node = Run(1, Machine(1));
        await UntilHeardAsync(message => message.IsResponse);
        await node.DisposeAsync();

        await UntilHeardAsync(IsGoodbye);
        Assert.Equal(0, _lan.Count);
    }

    [Fact]
    public async Task Is_cancelled()
    {
        using var cancelled = new CancellationTokenSource();
        await using var discovery = new MdnsDiscovery(
            new SwarmKeys(_token), TestMdns.Peer(1), () => [TestMdns.Address(1)], new() { Time = _time, Logger = _log }, Machine(1));
        var running = discovery.RunAsync(_ => { }, cancelled.Token);
        await UntilHeardAsync(message => message.IsResponse);

        await cancelled.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(() => running);
        Assert.Equal(0, _lan.Count);
        Assert.Throws<InvalidOperationException>(() => { _ = discovery.RunAsync(_ => { }, CancellationToken.None); });
    }

    [Fact]
    public async Task Asks_by_another_name_from_midnight_on()
    {
        _time.SetUtcNow(new(TestMdns.Day.ToDateTime(new(23, 59)), TimeSpan.Zero));
        var keys = new SwarmKeys(_token);
        await using var node = Run(1, Machine(1));
        await UntilHeardAsync(message => Asks(message, keys.MdnsTag(TestMdns.Day)));
        await UntilHeardAsync(message => Asks(message, keys.MdnsTag(TestMdns.Day.AddDays(1))));
    }

    private static bool Asks(DnsMessage message, string tag) =>
        !message.IsResponse && message.Questions[0].Name.ToString() == $"_p2p-{tag}._udp.local";

    private static bool IsGoodbye(DnsMessage message) => message.IsResponse && message.Answers is [{ TimeToLive: 0 }];

    /// <summary>What users are told.</summary>
    private IEnumerable<string> Troubles() =>
        _log.Lines.Where(line => line.Id == MdnsFails).Select(line => line.Text).Order(StringComparer.Ordinal);

    private MemoryMdnsNetwork Machine(int host) => new(_lan) { Interfaces = [TestMdns.Interface(host)] };

    private RunningMdns Run(int host, MemoryMdnsNetwork machine, IReadOnlyList<string>? interfaces = null, MdnsTiming? timing = null) => new(
        _token,
        host,
        TestMdns.Address(host),
        new() { Interfaces = interfaces, Timing = timing ?? new(), Time = _time, Logger = _log },
        machine);

    private async Task LooksAsync(MemoryMdnsNetwork machine, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await UntilReadAsync(machine.Looks);
        }
    }

    private async Task UntilHeardAsync(Predicate<DnsMessage> match)
    {
        var start = Stopwatch.GetTimestamp();
        while (!match(await UntilAsync(_lan.Heard.ReadAsync(TestContext.Current.CancellationToken).AsTask())))
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Timeout, "what is waited for is not said");
        }
    }

    private Task<T> UntilReadAsync<T>(Channel<T> channel) =>
        UntilAsync(channel.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask());

    // Lets the fake clock go on until it has happened.
    private async Task<T> UntilAsync<T>(Task<T> happening)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Timeout);
        while (!happening.IsCompleted)
        {
            limit.Token.ThrowIfCancellationRequested();
            _time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }

        return await happening;
    }
}
