using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ManagedSwarm.Tests.Transport.Libp2p;

namespace ManagedSwarm.Tests.Transport.Diagnostics;

[Trait("Tier", "Loopback")]
public sealed class TransportMetricsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Counts_bytes_sessions_and_streams()
    {
        using var meters = new Meters();
        await using var dialer = await TestPeer.StartAsync(new() { Meters = meters });
        await using var listener = await TestPeer.StartAsync();
        var session = await dialer.Peer.DialAsync(listener.Address, Cancellation);
        await TestPeer.EchoAsync(await session.OpenStreamAsync(TestPeer.Echo, Cancellation), new byte[100_000]);
        await using var open = await session.OpenStreamAsync(TestPeer.Echo, Cancellation);

        Assert.InRange(meters["managedswarm.transport.io transmit"], 100_000, 110_000);
        Assert.InRange(meters["managedswarm.transport.io receive"], 100_000, 110_000);
        Assert.Equal(1, meters["managedswarm.transport.sessions"]);
        Assert.InRange(meters["managedswarm.transport.streams"], 1, 4);
    }

    /// <summary>Makes meters and adds up what they say.</summary>
    private sealed class Meters : IMeterFactory
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentDictionary<string, long> _values = new();

        public Meters()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == this)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
                _values.AddOrUpdate($"{instrument.Name} {tags[0].Value}", value, (_, sum) => sum + value));
            _listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => _values[instrument.Name] = value);
            _listener.Start();
        }

        public long this[string name]
        {
            get
            {
                _listener.RecordObservableInstruments();
                return _values.GetValueOrDefault(name);
            }
        }

        public Meter Create(MeterOptions options)
        {
            options.Scope = this;
            return new(options);
        }

        public void Dispose() => _listener.Dispose();
    }
}
