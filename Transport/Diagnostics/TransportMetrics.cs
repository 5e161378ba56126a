using System.Diagnostics.Metrics;

namespace ManagedSwarm.Transport.Diagnostics;

/// <summary>What the transport measures.</summary>
internal sealed class TransportMetrics : IDisposable
{
    public const string MeterName = "ManagedSwarm.Transport";

    private static readonly KeyValuePair<string, object?> Transmit = new("direction", "transmit");
    private static readonly KeyValuePair<string, object?> Receive = new("direction", "receive");

    private readonly Meter _meter;
    private readonly Counter<long> _bytes;

    /// <param name="meters">Makes the meter; null: nobody does, it is made here.</param>
    /// <param name="sessions">Asked when somebody collects.</param>
    /// <param name="streams">Asked when somebody collects.</param>
    public TransportMetrics(IMeterFactory? meters, Func<int> sessions, Func<int> streams)
    {
        _meter = meters?.Create(new MeterOptions(MeterName)) ?? new Meter(MeterName);
        _bytes = _meter.CreateCounter<long>("managedswarm.transport.io", "By", "Bytes of streams and their frames, sent to and received from peers.");
        _meter.CreateObservableGauge("managedswarm.transport.sessions", sessions, "{session}", "Peers that are connected.");
        _meter.CreateObservableGauge("managedswarm.transport.streams", streams, "{stream}", "Streams that are open.");
    }

    public void Sent(int bytes) => _bytes.Add(bytes, Transmit);

    public void Received(int bytes) => _bytes.Add(bytes, Receive);

    public void Dispose() => _meter.Dispose();
}
