using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p.Sessions;

namespace ManagedSwarm.Transport.Libp2p.Identify;

/// <summary>
/// <c>/ipfs/id/1.0.0</c> and <c>/ipfs/id/push/1.0.0</c> (https://github.com/libp2p/specs/blob/master/identify/README.md): peers tell each other
/// what they are when they connect, and again when it has changed.
/// </summary>
/// <param name="context">The local peer's.</param>
/// <param name="publicKey">The local peer's, as libp2p's message <c>PublicKey</c>.</param>
/// <param name="addresses">Where the local peer listens now.</param>
internal sealed class IdentifyProtocol(PeerContext context, ReadOnlyMemory<byte> publicKey, Func<IReadOnlyList<Multiaddress>> addresses)
{
    public const string Id = "/ipfs/id/1.0.0";
    public const string PushId = "/ipfs/id/push/1.0.0";

    /// <summary>The version of what peers of ours have agreed on beyond libp2p.</summary>
    public const string ProtocolVersion = "managedswarm/1";

    // Other implementations cut large ones into so many.
    private const int MaxMessages = 10;

    // More would not fit beside many protocols.
    private const int MaxOwnAddresses = 16;

    /// <summary>This program's name and version.</summary>
    public static string AgentVersion { get; } = $"managedswarm/{typeof(IdentifyProtocol).Assembly.GetName().Version?.ToString(3)}";

    private TimeLimit NewLimit() => new(context.Options.Timeouts.Identify, context.Options.Time, context.Stopping);

    /// <summary>Asks a peer and has its session know the answer. Throws nothing.</summary>
    public async Task AskAsync(Session session)
    {
        using var limit = NewLimit();
        try
        {
            var asked = session.Sayings.Ask();
            await using var stream = await session.OpenStreamAsync(Id, limit.Token);
            await stream.CloseWriteAsync(limit.Token);
            session.Sayings.Answer(ToInfo(session.RemotePeer, await ReadAsync(stream, limit.Token)), asked);
        }
        catch (Exception exception) when (exception is SwarmException or OperationCanceledException)
        {
            var reason = new SwarmException("identify_failed", $"{session.RemotePeer} does not say what it is: {exception.Message}", exception);
            TransportLog.NotIdentified(context.Options.Logger, session.RemotePeer, reason.Code, exception.Message);
            session.FailToIdentify(reason);
        }
    }

    /// <summary>Answers.</summary>
    public async Task ServeAsync(IMuxStream stream, PeerConnection connection, CancellationToken cancellationToken)
    {
        using var limit = NewLimit();
        await SayAsync(stream, connection.RemoteAddress, limit.Token);
    }

    /// <summary>Tells a peer what this one is now, if it listens to that. Throws nothing.</summary>
    public async Task PushAsync(Session session)
    {
        using var limit = NewLimit();
        try
        {
            if ((await session.IdentifyAsync(limit.Token)).Protocols.Contains(PushId))
            {
                await SayAsync(await session.OpenStreamAsync(PushId, limit.Token), session.RemoteAddress, limit.Token);
            }
        }
        catch (Exception exception) when (exception is SwarmException or OperationCanceledException)
        {
            TransportLog.NotPushed(context.Options.Logger, session.RemotePeer, (exception as SwarmException)?.Code ?? "timeout", exception.Message);
        }
    }

    /// <summary>Hears what a peer has to say.</summary>
    /// <param name="find">Finds the peer's session.</param>
    public async Task HearAsync(IMuxStream stream, Func<PeerId, Session?> find)
    {
        using var limit = NewLimit();
        var said = ToInfo(stream.RemotePeer, await ReadAsync(stream, limit.Token));

        // Before the stream is closed: the peer may push the next thing then, which must not be known first.
        find(stream.RemotePeer)?.Sayings.Push(said);
        await stream.CloseWriteAsync(limit.Token);
        await stream.DisposeAsync();
    }

    private static async ValueTask<IdentifyMessage> ReadAsync(IMuxStream stream, CancellationToken cancellationToken)
    {
        var all = new IdentifyMessage();
        for (var i = 0; i < MaxMessages; i++)
        {
            if (await DelimitedMessage.ReadAsync(stream, IdentifyMessage.MaxBytes, cancellationToken) is not { } bytes)
            {
                return i > 0 ? all : throw new SwarmException("invalid_message", "There is no identify message.");
            }

            all = all.Merge(IdentifyMessage.Parse(bytes));
        }

        return all;
    }

    private static PeerInfo ToInfo(PeerId peer, IdentifyMessage message)
    {
        if (message.PublicKey is { } key && PeerId.FromPublicKeyMessage(key.Span) is var named && named != peer)
        {
            throw new SwarmException("invalid_message", $"{peer} says that it is {named}.");
        }

        return new()
        {
            PeerId = peer,
            Addresses = message.Addresses,
            Protocols = message.Protocols,
            AgentVersion = message.AgentVersion,
            ProtocolVersion = message.ProtocolVersion,
            ObservedAddress = message.ObservedAddress,
        };
    }

    private async ValueTask SayAsync(IMuxStream stream, Multiaddress observed, CancellationToken cancellationToken)
    {
        var message = new IdentifyMessage
        {
            PublicKey = publicKey,
            Addresses = [.. addresses().Take(MaxOwnAddresses)],
            Protocols = context.Protocols.Ids,
            ObservedAddress = observed,
            ProtocolVersion = ProtocolVersion,
            AgentVersion = AgentVersion,
        };
        await DelimitedMessage.WriteAsync(stream, message.ToBytes(), cancellationToken);
        await stream.CloseWriteAsync(cancellationToken);

        // A reset before the other side has read would take the message with it.
        await stream.ReadFullyAsync(new byte[1], cancellationToken);
        await stream.DisposeAsync();
    }
}
