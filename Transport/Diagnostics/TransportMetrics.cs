using System.Diagnostics.Metrics;

namespace ManagedSwarm.Transport.Diagnostics;

/// <summary>What the transport measures.</summary>
internal sealed class TransportMetrics
{
    public const string MeterName = "ManagedSwarm.Transport";

    private static readonly KeyValuePair<string, object?> Transmit = new("direction", "transmit");
    private static readonly KeyValuePair<string, object?> Receive = new("direction", "receive");

    private readonly Counter<long>? _bytes;

    /// <param name="meters">
    /// Makes the meter, and ends it; null: nobody measures. A meter of its own would end those of the same name for whoever collects by names.
    /// </param>
    /// <param name="sessions">Asked when somebody collects.</param>
    /// <param name="streams">Asked when somebody collects.</param>
    public TransportMetrics(IMeterFactory? meters, Func<int> sessions, Func<int> streams)
    {
        if (meters?.Create(new MeterOptions(MeterName)) is not { } meter)
        {
            return;
        }

        _bytes = meter.CreateCounter<long>("managedswarm.transport.io", "By", "Bytes of streams and their frames, sent to and received from peers.");
        meter.CreateObservableGauge("managedswarm.transport.sessions", sessions, "{session}", "Peers that are connected.");
        meter.CreateObservableGauge("managedswarm.transport.streams", streams, "{stream}", "Streams that are open.");
    }

    public void Sent(int bytes) => _bytes?.Add(bytes, Transmit);

    public void Received(int bytes) => _bytes?.Add(bytes, Receive);
}
