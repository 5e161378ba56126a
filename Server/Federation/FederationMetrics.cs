using System.Diagnostics.Metrics;

namespace ManagedSwarm.Server.Federation;

/// <summary>What the router has done, by instance.</summary>
internal sealed class FederationMetrics : IDisposable
{
    public const string MeterName = "ManagedSwarm.Server";

    private readonly Meter _meter;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _resumed;
    private readonly Histogram<double> _latency;

    public FederationMetrics(IMeterFactory meters, PeerTable peers)
    {
        _meter = meters.Create(MeterName);
        _requests = _meter.CreateCounter<long>("managedswarm.federation.requests", "{request}", "Requests that were sent to an instance, by how they ended.");
        _retries = _meter.CreateCounter<long>("managedswarm.federation.retries", "{request}", "Requests that went on to another, as this instance failed.");
        _resumed = _meter.CreateCounter<long>("managedswarm.federation.resumed", "{reply}", "Replies that this instance went on with where another broke off.");
        _latency = _meter.CreateHistogram<double>("managedswarm.federation.latency", "s", "Until an instance's answer began.");
        _meter.CreateObservableGauge(
            "managedswarm.federation.in_flight", () => Observe(peers, peer => peer.InFlight), "{request}", "Requests of this router that an instance has.");
        _meter.CreateObservableGauge(
            "managedswarm.federation.queue", () => Observe(peers, peer => peer.Queued), "{request}", "Requests that wait at an instance, as it says.");
        _meter.CreateObservableGauge(
            "managedswarm.federation.breaker_open", () => Observe(peers, peer => peer.IsOpen ? 1 : 0), "1", "Whether an instance gets nothing, as it has failed.");
    }

    /// <summary>A request's time at an instance is over.</summary>
    public void Ended(RouteLease lease)
    {
        var outcome = lease.Outcome switch
        {
            RouteOutcome.Answered or RouteOutcome.Erred => "answered",
            RouteOutcome.Cancelled => "cancelled",
            _ => "failed",
        };
        _requests.Add(1, Peer(lease), new KeyValuePair<string, object?>("outcome", outcome));
        if (lease.Latency is { } latency)
        {
            _latency.Record(latency.TotalSeconds, Peer(lease));
        }
    }

    /// <summary>A request goes on to another instance.</summary>
    public void Retried(RouteLease lease) => _retries.Add(1, Peer(lease));

    /// <summary>An instance goes on with the reply of another.</summary>
    public void Resumed(RouteLease lease) => _resumed.Add(1, Peer(lease));

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Peer(RouteLease lease) => new("peer", lease.Id.ToString());

    private static IEnumerable<Measurement<int>> Observe(PeerTable peers, Func<PeerFigures, int> value) => peers.Figures.Select(peer =>
        new Measurement<int>(value(peer), new KeyValuePair<string, object?>("peer", peer.Id.ToString()), new KeyValuePair<string, object?>("name", peer.Name)));
}
