using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Server.P2pApi;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.P2p.Heads;

/// <summary>
/// Keeps some members that hold no layers of a model ready to have any of those that workers hold: they have the weights. One that goes,
/// refuses or takes layers is followed by another. Safe for use by many threads.
/// </summary>
internal sealed class SpareKeeper : IAsyncDisposable
{
    /// <summary>For so long, a member that refused, failed or went is not asked again.</summary>
    public static readonly TimeSpan Absence = TimeSpan.FromSeconds(30);

    // Layers change places without anybody's coming or going.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly SwarmService _swarm;
    private readonly int _count;
    private readonly Func<IReadOnlyList<NodeRange>?> _places;
    private readonly Func<SwarmMember, IReadOnlyList<LayerRange>, ISpare> _start;
    private readonly Action<string> _say;
    private readonly TimeProvider _time;
    private readonly SwarmNews _news;
    private readonly Dictionary<PeerId, (long At, string Reason)> _failed = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _keeping;

    // Another list at each change.
    private volatile IReadOnlyList<Kept> _spares = [];
    private int _disposed;

    /// <summary>Keeps them from now on.</summary>
    /// <param name="swarm">This node's membership.</param>
    /// <param name="count">How many.</param>
    /// <param name="places">Who has which layers now, in their order; null: they are being placed.</param>
    /// <param name="start">Lets a member fetch the weights of layers.</param>
    /// <param name="say">Told what has come of it: a line. Must not throw, and not wait.</param>
    /// <param name="time">The clock.</param>
    public SpareKeeper(
        SwarmService swarm,
        int count,
        Func<IReadOnlyList<NodeRange>?> places,
        Func<SwarmMember, IReadOnlyList<LayerRange>, ISpare> start,
        Action<string> say,
        TimeProvider time)
    {
        (_swarm, _count, _places, _start, _say, _time) = (swarm, count, places, start, say, time);
        _news = new SwarmNews(swarm, time);
        _keeping = Task.Run(KeepAsync);
    }

    /// <summary>Those that are ready, and those that are about to be.</summary>
    public IReadOnlyList<SpareBody> Spares => [.. _spares.Select(kept => new SpareBody(kept.Id.ToString(), kept.Name, kept.IsReady))];

    /// <summary>Whether a member is a spare that has the weights of all of some layers.</summary>
    public bool IsReady(PeerId id, LayerRange layers) => _spares.Any(kept => kept.Id == id && kept.IsReady && kept.Covers([layers]));

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _news.Dispose();
        await _stop.CancelAsync();
        await _keeping;
        await Task.WhenAll(_spares.Select(kept => kept.Spare.DisposeAsync().AsTask()));
        _spares = [];
        _stop.Dispose();
    }

    private async Task KeepAsync()
    {
        try
        {
            while (true)
            {
                await DropAsync(kept => kept.Spare.Over.IsCompleted, Gone);
                SayReady();
                if (_places() is { } places && _swarm.Current is { } joined)
                {
                    await UpdateAsync(joined, places);
                }

                await NextAsync();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // As wished.
        }
    }

    private async Task UpdateAsync(ISwarm joined, IReadOnlyList<NodeRange> places)
    {
        var needed = OfWorkers(places, joined.Self.ToString());
        var holders = places.Select(place => place.NodeId).ToHashSet(StringComparer.Ordinal);
        await DropAsync(kept => holders.Contains(kept.Id.ToString()) || !kept.Covers(needed), _ => { });
        while (_spares.Count < _count && needed.Count > 0 && FindMember(joined, holders) is { } member)
        {
            Start(member, needed);
        }
    }

    private void Start(SwarmMember member, IReadOnlyList<LayerRange> layers)
    {
        try
        {
            _spares = [.. _spares, new Kept(member.Id, member.Facts.Name, layers, _start(member, layers))];
        }
        catch (Exception exception)
        {
            // Not to be asked, whatever it is; another one may be.
            Failed(member.Id, member.Facts.Name, exception.Message);
        }
    }

    private SwarmMember? FindMember(ISwarm joined, HashSet<string> holders) => joined.Members
        .Where(member => !member.IsSelf && member.State == MemberState.Alive && member.Facts.Roles.Contains(NodeRole.Worker))
        .Where(member => member.Facts.FreeMemory > 0 && !holders.Contains(member.Id.ToString()) && _spares.All(kept => kept.Id != member.Id))
        .Where(member => !_failed.TryGetValue(member.Id, out var failed) || _time.GetElapsedTime(failed.At) >= Absence)
        .MaxBy(member => member.Facts.FreeMemory);

    private async Task DropAsync(Func<Kept, bool> isOver, Action<Kept> drop)
    {
        foreach (var kept in _spares.Where(isOver).ToList())
        {
            _spares = [.. _spares.Where(other => other != kept)];
            drop(kept);
            await kept.Spare.DisposeAsync();
        }
    }

    private void Gone(Kept kept)
    {
        // Where this node has left the swarm, all are.
        if (_swarm.Current is not null)
        {
            Failed(kept.Id, kept.Name, kept.Spare.Failure ?? "it is gone");
        }
    }

    private void Failed(PeerId id, string name, string reason)
    {
        // Once, where it fails in the same way each time.
        if (!_failed.TryGetValue(id, out var last) || last.Reason != reason)
        {
            _say($"{name} is no spare: {reason}");
        }

        _failed[id] = (_time.GetTimestamp(), reason);
    }

    private void SayReady()
    {
        foreach (var kept in _spares.Where(kept => kept.IsReady && !kept.IsKnown))
        {
            kept.IsKnown = true;
            _say($"Spare {kept.Name} holds the weights of layers {string.Join(", ", kept.Layers)}");
        }
    }

    /// <summary>Layers that are not here, those that follow each other as one range.</summary>
    private static List<LayerRange> OfWorkers(IReadOnlyList<NodeRange> places, string self)
    {
        var ranges = new List<LayerRange>();
        foreach (var layers in places.Where(place => place.NodeId != self).Select(place => place.Layers))
        {
            if (ranges.Count > 0 && ranges[^1].End == layers.First)
            {
                ranges[^1] = new(ranges[^1].First, ranges[^1].Count + layers.Count);
            }
            else
            {
                ranges.Add(layers);
            }
        }

        return ranges;
    }

    private Task NextAsync() => _news.NextAsync(
        Interval, _stop.Token, _spares.SelectMany(kept => kept.IsKnown ? [kept.Spare.Over] : new[] { kept.Spare.Over, kept.Spare.Ready }));

    private sealed class Kept(PeerId id, string name, IReadOnlyList<LayerRange> layers, ISpare spare)
    {
        public PeerId Id => id;

        public string Name => name;

        public IReadOnlyList<LayerRange> Layers => layers;

        public ISpare Spare => spare;

        public bool IsReady => spare.Ready.IsCompletedSuccessfully && !spare.Over.IsCompleted;

        /// <summary>Whether it was said that it is ready.</summary>
        public bool IsKnown { get; set; }

        public bool Covers(IReadOnlyList<LayerRange> needed) =>
            needed.All(range => layers.Any(own => own.First <= range.First && range.End <= own.End));
    }
}
