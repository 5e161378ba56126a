using System.Net.Sockets;
using ManagedSwarm.Transport.Libp2p.Noise;
using ManagedSwarm.Transport.Libp2p.PrivateNetwork;
using ManagedSwarm.Transport.Libp2p.Tcp;

namespace ManagedSwarm.Tests.Transport.Libp2p.Noise;

/// <summary>Two channels over sockets, with keys that nobody had to agree on.</summary>
internal static class ChannelPair
{
    private static readonly byte[] KeyThere = [.. Enumerable.Repeat((byte)1, 32)];
    private static readonly byte[] KeyBack = [.. Enumerable.Repeat((byte)2, 32)];

    public static async Task<(NoiseChannel First, NoiseChannel Second)> CreateAsync(CancellationToken cancellationToken, bool isHidden = false)
    {
        var (first, second) = await SocketPair.CreateAsync(cancellationToken);
        var key = isHidden ? PreSharedKey.Generate() : null;
        return (await CreateAsync(first, key, isFirst: true, cancellationToken), await CreateAsync(second, key, isFirst: false, cancellationToken));
    }

    /// <summary>One channel, and the bare socket of the other side.</summary>
    public static async Task<(NoiseChannel Channel, Socket Socket)> CreateHalfAsync(CancellationToken cancellationToken)
    {
        var (first, second) = await SocketPair.CreateAsync(cancellationToken);
        return (await CreateAsync(first, null, isFirst: true, cancellationToken), second);
    }

    /// <summary>What seals for the channel of <see cref="CreateHalfAsync"/>.</summary>
    public static CipherState CreateSender() => new(KeyBack);

    private static async Task<NoiseChannel> CreateAsync(Socket socket, PreSharedKey? key, bool isFirst, CancellationToken cancellationToken)
    {
        var connection = await RawConnection.StartAsync(socket, key, cancellationToken);
        return new(connection, new(isFirst ? KeyThere : KeyBack), new(isFirst ? KeyBack : KeyThere));
    }
}
