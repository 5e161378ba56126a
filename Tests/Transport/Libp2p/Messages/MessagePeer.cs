using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Messages;
using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Tests.Transport.Libp2p.Messages;

/// <summary>A peer with <see cref="PeerMessageStreams"/>, and what its handler and its log have heard.</summary>
internal sealed class MessagePeer : IPeerMessageHandler, ILogger, IAsyncDisposable
{
    public const string Protocol = "/managedswarm/test/messages/1.0.0";

    private readonly TestPeer _peer;

    private MessagePeer(TestPeer peer, Func<PeerMessageOptions, PeerMessageOptions>? change)
    {
        _peer = peer;
        var options = new PeerMessageOptions { ProtocolIds = [Protocol], Framing = VarintFraming.Instance, Logger = this };
        Streams = new PeerMessageStreams(peer.Peer, change?.Invoke(options) ?? options, this);
    }

    public PeerMessageStreams Streams { get; }

    public LocalPeer Local => _peer.Peer;

    public PeerId Id => _peer.Id;

    public Multiaddress Address => _peer.Address;

    /// <summary>In order: <c>opened</c>, the texts of messages, <c>ended</c>.</summary>
    public ConcurrentQueue<string> Heard { get; } = new();

    /// <summary>The ids of log lines.</summary>
    public ConcurrentQueue<int> Logged { get; } = new();

    public static async Task<MessagePeer> StartAsync(
        Func<PeerMessageOptions, PeerMessageOptions>? change = null, LocalPeerOptions? options = null) =>
        new(await TestPeer.StartAsync(options), change);

    public bool Send(PeerId to, string text) => Streams.Send(to, Encoding.UTF8.GetBytes(text));

    public async Task UntilAsync(Func<IReadOnlyList<string>, bool> condition) => await TestPeer.UntilAsync(() => condition([.. Heard]));

    /// <summary>Waits until this has been heard, and nothing else.</summary>
    public async Task HearsAsync(params string[] texts)
    {
        await UntilAsync(heard => heard.Count >= texts.Length);
        Assert.Equal(texts, Heard);
    }

    public async ValueTask DisposeAsync()
    {
        await Streams.DisposeAsync();
        await _peer.DisposeAsync();
    }

    void IPeerMessageHandler.Opened(PeerId peer) => Heard.Enqueue("opened");

    void IPeerMessageHandler.Received(PeerId from, ReadOnlySequence<byte> message)
    {
        var text = Encoding.UTF8.GetString(message);
        if (text == "bad")
        {
            throw new SwarmException("invalid_message", "as the test asks");
        }

        Heard.Enqueue(text);
    }

    void IPeerMessageHandler.Ended(PeerId peer) => Heard.Enqueue("ended");

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Logged.Enqueue(eventId.Id);
}
