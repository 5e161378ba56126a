using System.Net;
using System.Net.Sockets;
using ManagedSwarm.Transport.Libp2p.Multistream;
using ManagedSwarm.Transport.Libp2p.Noise;

namespace ManagedSwarm.Transport.Libp2p.Tcp;

/// <summary>
/// Makes of a bare socket a sealed channel with a peer that has proved who it is
/// (https://github.com/libp2p/specs/blob/master/connections/README.md): the private network's nonces, multistream-select of
/// <c>/noise</c>, the Noise handshake, and the multiplexer, agreed on within that handshake or by multistream-select.
/// </summary>
/// <remarks>
/// A stranger without the private network's key gets 24 random bytes and nothing else. Before a peer has proved who it is, its
/// connection costs less than 16 KiB of memory. Safe for use by many threads.
/// </remarks>
internal sealed class Upgrader : IDisposable
{
    private const string Security = "/noise";

    private readonly UpgradeOptions _options;
    private readonly NoiseIdentity _identity;

    /// <param name="identity">Who this side is.</param>
    public Upgrader(Identity identity, UpgradeOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfZero(options.Muxers.Count);
        (_options, _identity) = (options, NoiseIdentity.Create(identity, options.OffersMuxersEarly ? options.Muxers : []));
    }

    /// <summary>The side that dialed.</summary>
    /// <param name="socket">Connected; belongs to the result, and is closed where there is none.</param>
    /// <param name="expected">Who was dialed; null: whoever answers.</param>
    /// <exception cref="SwarmException">
    /// <c>wrong_peer</c>: somebody else answered; <c>handshake_timeout</c>; <c>handshake_failed</c>: it speaks something else, or does not
    /// know what this side knows; <c>connection_lost</c>: it closed, maybe because it thinks so of this side.
    /// </exception>
    public ValueTask<UpgradedConnection> DialAsync(Socket socket, PeerId? expected, CancellationToken cancellationToken) =>
        UpgradeAsync(socket, isDialer: true, expected, cancellationToken);

    /// <summary>The side that accepted.</summary>
    /// <param name="socket">Connected; belongs to the result, and is closed where there is none.</param>
    /// <exception cref="SwarmException"><c>handshake_timeout</c>, <c>handshake_failed</c>, <c>connection_lost</c></exception>
    public ValueTask<UpgradedConnection> AcceptAsync(Socket socket, CancellationToken cancellationToken) =>
        UpgradeAsync(socket, isDialer: false, expected: null, cancellationToken);

    public void Dispose() => _identity.Dispose();

    private async ValueTask<UpgradedConnection> UpgradeAsync(Socket socket, bool isDialer, PeerId? expected, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(_options.HandshakeTimeout, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        var remote = "";
        try
        {
            remote = $" with {socket.RemoteEndPoint}";
            return await HandshakeAsync(socket, isDialer, expected, either.Token);
        }
        catch (Exception exception)
        {
            // Silently: what a stranger could learn from an answer is not worth one.
            socket.Dispose();
            if (Translate(exception, remote, isLate: timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested) is { } translated)
            {
                throw translated;
            }

            throw;
        }
    }

    private SwarmException? Translate(Exception exception, string remote, bool isLate) => exception switch
    {
        OperationCanceledException when isLate =>
            new("handshake_timeout", $"The handshake{remote} took longer than {_options.HandshakeTimeout.TotalSeconds} s."),
        SwarmException { Code: not ("wrong_peer" or "connection_lost") } =>
            new("handshake_failed", $"The handshake{remote} failed: {exception.Message}", exception),
        SocketException or ObjectDisposedException =>
            new("connection_lost", $"The connection{remote} is lost: {exception.Message}", exception),
        _ => null,
    };

    private async ValueTask<UpgradedConnection> HandshakeAsync(Socket socket, bool isDialer, PeerId? expected, CancellationToken cancellationToken)
    {
        var address = Multiaddress.FromEndPoint((IPEndPoint)socket.RemoteEndPoint!);
        var connection = await RawConnection.StartAsync(socket, _options.PreSharedKey, cancellationToken);
        await SelectAsync(connection, isDialer, [Security], cancellationToken);
        using var handshake = new NoiseHandshake(isDialer, _identity, _options.Prologue.Span, expected);
        await NoiseMessages.ExchangeAsync(handshake, connection, cancellationToken);
        var (send, receive) = handshake.Split();
        var channel = new NoiseChannel(connection, send, receive);
        try
        {
            var muxer = handshake.Muxer ?? await SelectAsync(channel, isDialer, _options.Muxers, cancellationToken);
            return new(channel, handshake.RemotePeer, address, muxer, isDialer);
        }
        catch
        {
            await channel.DisposeAsync();
            throw;
        }
    }

    private static ValueTask<string> SelectAsync(
        IByteDuplex duplex,
        bool isDialer,
        IReadOnlyList<string> protocols,
        CancellationToken cancellationToken) => isDialer
            ? MultistreamDialer.SelectAsync(duplex, protocols, cancellationToken)
            : MultistreamListener.SelectAsync(duplex, protocol => protocols.Contains(protocol), cancellationToken);
}
