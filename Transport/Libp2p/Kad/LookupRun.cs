using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p.Sessions;

namespace ManagedSwarm.Transport.Libp2p.Kad;

/// <summary>One lookup over the network.</summary>
/// <param name="request">What each peer is asked.</param>
/// <param name="directory">Says who is asked first, and learns who lives.</param>
/// <param name="client">Asks.</param>
/// <param name="options">How.</param>
internal sealed class LookupRun(KadMessage request, KadDirectory directory, KadClient client, KadOptions options)
{
    // What is wrong with this node, or with nobody, is no fault of the peer's.
    private static readonly string[] OwnFailures = ["too_many_connections", "session_closed", "too_many_streams"];

    private readonly Dictionary<Task<KadMessage>, KadPeer> _underWay = [];
    private readonly Dictionary<PeerId, (KadPeer Peer, int Times)> _providers = [];
    private readonly PeerId? _wanted = PeerId.TryFromBytes(request.Key.Span, out var wanted) ? wanted : null;
    private KadPeer? _named;

    /// <summary>Runs it to its end, or to the end of its time.</summary>
    public async Task<LookupResult> RunAsync(CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(options.Timeouts.Lookup, options.Time, cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
        var place = KadId.Of(request.Key.Span);
        var lookup = new Lookup(place, directory.Self, options.Lookup, directory.FindClosest(place));
        try
        {
            while (!lookup.IsComplete && !limit.Token.IsCancellationRequested)
            {
                foreach (var peer in lookup.Next())
                {
                    _underWay.Add(client.AskAsync(directory.Find(peer.Id)?.Merge(peer) ?? peer, request, stop.Token), peer);
                }

                var done = await Task.WhenAny(_underWay.Keys);
                _underWay.Remove(done, out var asked);
                await TakeAsync(lookup, done, asked!);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(_underWay.Keys.Select(task => task.ContinueWith(
                _ => _.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default)));
        }

        cancellationToken.ThrowIfCancellationRequested();
        TransportLog.KadLookup(options.Logger, request.Type, lookup.Requests, lookup.Closest.Count, _providers.Count);
        var providers = _providers.Values.OrderByDescending(provider => provider.Times).Select(provider => provider.Peer);
        return new(lookup.Closest, [.. providers], _named, lookup.Requests);
    }

    private async Task TakeAsync(Lookup lookup, Task<KadMessage> done, KadPeer asked)
    {
        try
        {
            var answer = await done;
            directory.See(asked);
            lookup.Answer(asked, [.. answer.CloserPeers.Select(peer => peer.Usable()).Where(IsReachable)]);
            NoteNamed(answer.CloserPeers);
            NoteProviders(answer.ProviderPeers);
        }
        catch (SwarmException exception)
        {
            TransportLog.KadRequestFailed(options.Logger, asked.Id, request.Type, exception.Code, exception.Message);
            lookup.Fail(asked);
            if (!OwnFailures.Contains(exception.Code))
            {
                directory.Fail(asked.Id);
            }
        }
        catch (OperationCanceledException)
        {
            lookup.Fail(asked);
        }
    }

    private bool IsReachable(KadPeer peer) => peer.Addresses.Count > 0 || directory.Find(peer.Id) is not null;

    private void NoteNamed(IReadOnlyList<KadPeer> peers)
    {
        if (_wanted is not null && peers.FirstOrDefault(peer => peer.Id == _wanted)?.Usable() is { Addresses.Count: > 0 } named)
        {
            _named = _named?.Merge(named) ?? named;
        }
    }

    private void NoteProviders(IReadOnlyList<KadPeer> providers)
    {
        foreach (var provider in providers.Select(provider => provider.Usable()).Where(provider => provider.Addresses.Count > 0).DistinctBy(provider => provider.Id))
        {
            if (_providers.TryGetValue(provider.Id, out var known))
            {
                _providers[provider.Id] = (known.Peer.Merge(provider), known.Times + 1);
            }
            else if (_providers.Count < options.Limits.FoundProviders)
            {
                _providers.Add(provider.Id, (provider, 1));
            }
        }
    }
}
