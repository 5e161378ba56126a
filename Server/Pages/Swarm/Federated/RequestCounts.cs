using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using ManagedSwarm.Server.Federation;

namespace ManagedSwarm.Server.Pages.Swarm.Federated;

/// <summary>How requests have ended that this router has sent, by instance: the same counts as in <c>/metrics</c>. Safe for use by many threads.</summary>
internal sealed class RequestCounts : IDisposable
{
    private const string Requests = "managedswarm.federation.requests";

    private readonly MeterListener _listener = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Peer, string Outcome), long> _counts = [];

    /// <summary>Counts from now on.</summary>
    /// <param name="meters">Whose meters: there may be several routers in one process.</param>
    public RequestCounts(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == Requests && instrument.Meter.Name == FederationMetrics.MeterName && ReferenceEquals(instrument.Meter.Scope, meters))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) => Count(value, tags));
        _listener.Start();
    }

    /// <param name="peer">The instance's id.</param>
    /// <param name="outcome">answered, failed or cancelled.</param>
    public long Of(string peer, string outcome)
    {
        lock (_gate)
        {
            return _counts.GetValueOrDefault((peer, outcome));
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Count(long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var (peer, outcome) = ("", "");
        foreach (var (name, tag) in tags)
        {
            (peer, outcome) = name switch { "peer" => (tag as string ?? "", outcome), "outcome" => (peer, tag as string ?? ""), _ => (peer, outcome) };
        }

        lock (_gate)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_counts, (peer, outcome), out _) += value;
        }
    }
}
