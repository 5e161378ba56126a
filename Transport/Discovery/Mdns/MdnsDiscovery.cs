using System.Net.Sockets;
using System.Security.Cryptography;
using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Transport.Discovery.Mdns;

/// <summary>
/// Finds members in local networks by multicast DNS, as libp2p does
/// (<see href="https://github.com/libp2p/specs/blob/master/discovery/mdns.md">mdns</see>, RFC 6762), under a name that only members know
/// and that changes at midnight of UTC. Network interfaces that come, change or go are taken note of.
/// </summary>
public sealed class MdnsDiscovery : IPeerDiscovery
{
    internal const string DiscoveryName = "mdns";

    private const string InstanceCharacters = "abcdefghijklmnopqrstuvwxyz0123456789";
    private const int InstanceCharacterCount = 32;

    private readonly MdnsOptions _options;
    private readonly MdnsLinkContext _context;
    private readonly IMdnsNetwork _network;
    private readonly CancellationTokenSource _disposed = new();
    private readonly Dictionary<(MdnsInterface, AddressFamily), (Task Task, CancellationTokenSource Ended)> _participants = [];
    private readonly HashSet<string> _troubles = [];
    private Task? _running;

    /// <param name="keys">The swarm's.</param>
    /// <param name="self">Who this node is.</param>
    /// <param name="addresses">Where it can be reached, one for each interface (not <c>0.0.0.0</c>); asked each time by any thread.</param>
    /// <param name="options">How.</param>
    public MdnsDiscovery(SwarmKeys keys, PeerId self, Func<IReadOnlyList<Multiaddress>> addresses, MdnsOptions options)
        : this(keys, self, addresses, options, new MdnsNetwork())
    {
    }

    internal MdnsDiscovery(
        SwarmKeys keys, PeerId self, Func<IReadOnlyList<Multiaddress>> addresses, MdnsOptions options, IMdnsNetwork network)
    {
        (_options, _network) = (options, network);
        _context = new()
        {
            Keys = keys,
            Self = self,
            Addresses = addresses,
            Interface = new("", 0, false, false, []),
            CreateInstance = () => RandomNumberGenerator.GetString(InstanceCharacters, InstanceCharacterCount),
            Timing = options.Timing,
        };
    }

    public string Name => DiscoveryName;

    /// <summary>Looks for nodes and announces this one, until it is cancelled or disposed. Once only.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task RunAsync(Action<DiscoveredPeer> found, CancellationToken cancellationToken)
    {
        var running = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Interlocked.CompareExchange(ref _running, running.Task, null) is not null)
        {
            throw new InvalidOperationException("mDNS runs already, or has");
        }

        return RunAsync(found, running, cancellationToken);
    }

    /// <summary>Ends it, and waits until all have been told.</summary>
    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync();
        if (_running is not null)
        {
            await _running;
        }
    }

    private async Task RunAsync(Action<DiscoveredPeer> found, TaskCompletionSource running, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposed.Token);
        try
        {
            while (_options.Interfaces is not [])
            {
                await LookAsync(found);
                await Task.Delay(_options.Timing.LookInterval, _options.Time, ended.Token);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
        }
        finally
        {
            await Task.WhenAll(_participants.Keys.ToList().Select(EndAsync));
            running.SetResult();
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Ends what no longer works, and begins what may.</summary>
    private async Task LookAsync(Action<DiscoveredPeer> found)
    {
        var wanted = Choose(_network.Look()).SelectMany(link => link.Families.Select(family => (link, family))).ToHashSet();
        var over = _participants.Where(each => each.Value.Task.IsCompleted || !wanted.Contains(each.Key)).Select(each => each.Key).ToList();
        await Task.WhenAll(over.Select(EndAsync));
        foreach (var (link, family) in wanted.Where(each => !_participants.ContainsKey(each)))
        {
            Begin(link, family, found);
        }
    }

    private IEnumerable<MdnsInterface> Choose(IReadOnlyList<MdnsInterface> all)
    {
        if (_options.Interfaces is { } names)
        {
            foreach (var name in names)
            {
                Report($"network interface '{name}'", all.Any(link => link.Name == name) ? null : "there is none of this name that is up");
            }

            // Loopback does not say that it supports it.
            return all.Where(link => names.Contains(link.Name));
        }

        var chosen = all.Where(link => !link.IsLoopback && link.SupportsMulticast).ToList();
        Report("this machine", chosen.Count > 0 ? null : "no network interface supports multicast");
        return chosen;
    }

    private void Begin(MdnsInterface link, AddressFamily family, Action<DiscoveredPeer> found)
    {
        var where = $"network interface '{link.Name}' ({(family == AddressFamily.InterNetwork ? "IPv4" : "IPv6")})";
        IMdnsSocket socket;
        try
        {
            socket = _network.Open(link, family);
        }
        catch (SwarmException exception)
        {
            Report(where, exception.Message);
            return;
        }

        var ended = new CancellationTokenSource();
        var participant = new MdnsParticipant(socket, _context with { Interface = link }, _options.Time, found);
        _participants.Add((link, family), (ParticipateAsync(participant, where, ended.Token), ended));
    }

    private async Task ParticipateAsync(MdnsParticipant participant, string where, CancellationToken cancellationToken)
    {
        await Task.Yield();
        TransportLog.MdnsBegins(_options.Logger, where);
        try
        {
            await participant.RunAsync(cancellationToken);
        }
        catch (SwarmException exception)
        {
            Report(where, exception.Message);
        }
    }

    private async Task EndAsync((MdnsInterface, AddressFamily) which)
    {
        _participants.Remove(which, out var participant);
        await participant.Ended.CancelAsync();
        await participant.Task;
        participant.Ended.Dispose();
    }

    /// <summary>Says what is wrong, the first time only.</summary>
    private void Report(string where, string? reason)
    {
        lock (_troubles)
        {
            if (reason is null)
            {
                _troubles.Remove(where);
            }
            else if (_troubles.Add(where))
            {
                TransportLog.MdnsFails(_options.Logger, where, reason);
            }
        }
    }
}
