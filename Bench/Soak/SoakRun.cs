using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Bench.Soak;

/// <summary>
/// Local peers in a private network that open, close, half-close, reset, stall and cut at random, in cycles. After each cycle all is
/// closed: both ends of each stream are compared, what is left is counted, and the heap is measured. It stops at the first cycle that is
/// not clean.
/// </summary>
/// <param name="options">How much of it.</param>
/// <param name="say">Hears of each cycle.</param>
internal sealed class SoakRun(SoakOptions options, Action<string> say)
{
    private static readonly TimeSpan CountInterval = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentQueue<string> _problems = [];
    private readonly List<long> _heap = [];
    private readonly List<SoakPeer> _peers = [];
    private SoakTally _tally;
    private volatile SoakCycle? _cycle;

    /// <param name="cancellationToken">Gives up.</param>
    public async Task<SoakResult> RunAsync(CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        await StartPeersAsync(cancellationToken);
        for (var number = 0; number < options.Cycles && _problems.IsEmpty && TimeProvider.System.GetElapsedTime(start) < options.Time; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await RunCycleAsync(new SoakCycle(options, number, _peers), number, cancellationToken);
        }

        await Task.WhenAll(_peers.Select(peer => peer.DisposeAsync().AsTask()));
        Require(Count(), "after the local peers were disposed");
        var heap = new HeapTrend(_heap);
        if (heap.IsLeak)
        {
            _problems.Enqueue($"the heap grows by {heap.Slope:F0} bytes per cycle");
        }

        return new(_tally, heap, [.. _problems]);
    }

    private async Task StartPeersAsync(CancellationToken cancellationToken)
    {
        var key = RandomNumberGenerator.GetBytes(32);
        for (var i = 0; i < options.Peers; i++)
        {
            _peers.Add(await SoakPeer.StartAsync(key, stream => ServeAsync(stream, cancellationToken), _problems.Enqueue));
        }

        foreach (var peer in _peers)
        {
            foreach (var other in _peers.Where(other => other != peer))
            {
                peer.Peer.PeerStore.AddAddresses(other.Peer.PeerId, other.Peer.ListenAddresses);
            }
        }
    }

    private async Task ServeAsync(IMuxStream stream, CancellationToken cancellationToken)
    {
        using var patience = CreatePatience(cancellationToken);
        try
        {
            await _cycle!.ServeAsync(stream, patience.Token);
        }
        catch (Exception exception)
        {
            _problems.Enqueue($"{exception}");
        }
    }

    private async Task RunCycleAsync(SoakCycle cycle, int number, CancellationToken cancellationToken)
    {
        _cycle = cycle;
        using (var patience = CreatePatience(cancellationToken))
        {
            await cycle.RunAsync(patience.Token);
        }

        // What accepting ends are still at comes to its end by itself: sessions that are closed now must not be what ends it.
        await WaitForAsync(left => left.Ends == 0, cancellationToken);
        await Task.WhenAll(_peers.Select(peer => peer.CloseAsync()));
        var left = await WaitForAsync(left => left == default, cancellationToken);
        Require(left, $"after cycle {number + 1}");
        _peers.ForEach(peer => peer.Forget());
        var tally = cycle.Tally;
        _tally += tally;
        foreach (var problem in cycle.Judge())
        {
            _problems.Enqueue(problem);
        }

        _heap.Add(MeasureHeap());
        say(string.Create(
            CultureInfo.InvariantCulture,
            $"cycle {number + 1}, {(cycle.IsCalm ? "calm" : "stormy")}: {tally.Streams} streams, {tally.Broken} of them reset or cut, "
            + $"{tally.Bytes / 1e6:F0} MB; left: {(left == default ? "nothing" : $"{left}")}; heap {_heap[^1] / 1e6:F2} MB"));
    }

    /// <summary>The time of a cycle is no part of the patience.</summary>
    private CancellationTokenSource CreatePatience(CancellationToken cancellationToken)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        source.CancelAfter(options.CycleTime == TimeSpan.MaxValue ? options.Patience : options.CycleTime + options.Patience);
        return source;
    }

    /// <summary>Counts again and again: what ends a session on one side is heard on the other a little later.</summary>
    private async Task<Leftovers> WaitForAsync(Predicate<Leftovers> isEnough, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        Leftovers left;
        while (!isEnough(left = Count()) && TimeProvider.System.GetElapsedTime(start) < options.Patience)
        {
            await Task.Delay(CountInterval, cancellationToken);
        }

        return left;
    }

    private Leftovers Count() => _peers.Aggregate(default(Leftovers), (sum, peer) => sum + peer.Count());

    private void Require(Leftovers left, string when)
    {
        if (left != default)
        {
            _problems.Enqueue($"left {when}: {left}");
        }
    }

    private static long MeasureHeap()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
