using System.Security.Cryptography;
using System.Threading.Channels;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Tests.Transport.Libp2p.Interop;

/// <summary>A local peer on a free port of 127.0.0.1 that serves <see cref="TestProtocols"/>.</summary>
internal sealed class OurPeer : IAsyncDisposable
{
    private readonly RefusalLog _log = new();
    private readonly Channel<string> _resets = Channel.CreateUnbounded<string>();
    private readonly List<IStreamListener> _listeners = [];
    private readonly List<Task> _serving = [];

    private OurPeer(LocalPeerOptions options) => Peer = new LocalPeer(Identity, TestPeer.Patiently(options) with { Logger = _log });

    public Identity Identity { get; } = Identity.Generate();

    public LocalPeer Peer { get; }

    public Multiaddress Address => Peer.ListenAddresses[0];

    /// <summary>The codes of what was wrong with connections that came in and were refused.</summary>
    public ChannelReader<string> Refusals => _log.Codes;

    /// <summary>The protocols of streams that others reset.</summary>
    public ChannelReader<string> Resets => _resets.Reader;

    /// <param name="keys">It has these keys.</param>
    /// <param name="handshakeTimeout">How long handshakes may take; null: as long as a busy machine may need.</param>
    public static Task<OurPeer> StartAsync(JsPeerOptions keys, TimeSpan? handshakeTimeout = null)
    {
        var timeouts = TestPeer.Patient;
        return StartAsync(new LocalPeerOptions
        {
            PreSharedKey = keys.PreSharedKey,
            Prologue = keys.Prologue,
            OffersMuxersEarly = keys.OurEarlyMuxer,
            Timeouts = timeouts with { Handshake = handshakeTimeout ?? timeouts.Handshake },
        });
    }

    public static async Task<OurPeer> StartAsync(LocalPeerOptions options)
    {
        var ours = new OurPeer(options);
        ours.Serve(TestProtocols.Echo, EchoAsync);
        ours.Serve(TestProtocols.Digest, AnswerDigestAsync);
        ours.Serve(TestProtocols.Reset, ResetAsync);
        await ours.Peer.StartListenAsync([Multiaddress.Parse("/ip4/127.0.0.1/tcp/0")], TestContext.Current.CancellationToken);
        return ours;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var listener in _listeners)
        {
            await listener.DisposeAsync();
        }

        await Peer.DisposeAsync();
        await Task.WhenAll(_serving);
        Identity.Dispose();
    }

    private void Serve(string protocolId, Func<IMuxStream, Task> handle)
    {
        var listener = Peer.Listen(protocolId);
        _listeners.Add(listener);
        _serving.Add(AcceptAsync(listener, handle));
    }

    private async Task AcceptAsync(IStreamListener listener, Func<IMuxStream, Task> handle)
    {
        var streams = new List<Task>();
        while (await listener.AcceptAsync(CancellationToken.None) is { } stream)
        {
            streams.Add(ServeAsync(stream, handle));
        }

        await Task.WhenAll(streams);
    }

    private async Task ServeAsync(IMuxStream stream, Func<IMuxStream, Task> handle)
    {
        await Task.Yield();
        try
        {
            await using (stream)
            {
                await handle(stream);
            }
        }
        catch (SwarmException exception) when (exception.Code == "stream_reset")
        {
            _resets.Writer.TryWrite(stream.ProtocolId);
        }
    }

    private static async Task EchoAsync(IMuxStream stream)
    {
        var buffer = new byte[64 << 10];
        while (await stream.ReadAsync(buffer) is var count and > 0)
        {
            await stream.WriteAsync(buffer.AsMemory(0, count));
        }

        await stream.CloseWriteAsync();
    }

    private static async Task AnswerDigestAsync(IMuxStream stream)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (buffer, total) = (new byte[64 << 10], 0L);
        while (await stream.ReadAsync(buffer) is var count and > 0)
        {
            hash.AppendData(buffer, 0, count);
            total += count;
        }

        await stream.WriteAsync(TestStreams.Digest(total, hash.GetHashAndReset()));
        await stream.CloseWriteAsync();
    }

    private static async Task ResetAsync(IMuxStream stream)
    {
        await stream.ReadAsync(new byte[1]);
        stream.Reset();
    }
}
