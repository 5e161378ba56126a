using System.Net.Sockets;
using System.Text;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Multistream;
using ManagedSwarm.Transport.Libp2p.PrivateNetwork;
using ManagedSwarm.Transport.Libp2p.Sessions;
using ManagedSwarm.Transport.Libp2p.Tcp;

namespace ManagedSwarm.Transport.Diagnostics.Doctor;

/// <summary>
/// Finds out what stands at an address where the handshake has failed. First it only listens: a member of a swarm sends 24 random bytes, one
/// that takes no more connections closes, other programs greet. To who is silent it says what libp2p begins with.
/// </summary>
internal sealed class DoorKnock(TimeSpan timeout, TimeProvider time)
{
    private const int MaxGreeting = 64;
    private const int ShownGreeting = 24;

    private static readonly byte[] Header = MultistreamLine.Encode([MultistreamLine.Header]);

    /// <returns>What it is, and what was seen.</returns>
    public async Task<(ProbeOutcome Outcome, string Detail)> KnockAsync(Multiaddress address, CancellationToken cancellationToken)
    {
        try
        {
            using var connect = new TimeLimit(timeout, time, cancellationToken);
            using var socket = await TcpDialer.ConnectAsync(address, connect.Token);
            var greeting = await ListenAsync(socket, cancellationToken);
            if (greeting is null)
            {
                await socket.SendAsync(Header, SocketFlags.None, cancellationToken);
                greeting = await ListenAsync(socket, cancellationToken);
                return greeting is { Length: 0 }
                    ? (ProbeOutcome.NotManagedSwarm, "it closes the connection when it is spoken to")
                    : Judge(greeting);
            }

            return Judge(greeting);
        }
        catch (Exception exception) when (exception is SwarmException or SocketException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return (ProbeOutcome.Failed, $"it cannot be asked what it is: {exception.Message}");
        }
    }

    internal static (ProbeOutcome Outcome, string Detail) Judge(byte[]? greeting) => greeting switch
    {
        null => (ProbeOutcome.NoAnswer, "it takes the connection and says nothing"),
        [] => (ProbeOutcome.ClosedAtOnce, "it closes the connection before a word is said"),
        { Length: XSalsa20.NonceLength } => (ProbeOutcome.AnotherToken, "it begins as a member of a swarm does, but not of this one"),
        _ when greeting.AsSpan().StartsWith(Header) => (ProbeOutcome.AnotherToken, "it speaks libp2p, but does not know this swarm"),
        _ => (ProbeOutcome.NotManagedSwarm, $"it says '{DoctorText.Clean(Encoding.Latin1.GetString(greeting, 0, Math.Min(greeting.Length, ShownGreeting)))}'"),
    };

    /// <returns>What it says; none: it closes; null: nothing in time.</returns>
    private async Task<byte[]?> ListenAsync(Socket socket, CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(timeout, time, cancellationToken);
        var buffer = new byte[MaxGreeting];
        try
        {
            return buffer[..await socket.ReceiveAsync(buffer, SocketFlags.None, limit.Token)];
        }
        catch (OperationCanceledException) when (limit.IsOver)
        {
            return null;
        }
        catch (SocketException)
        {
            return [];
        }
    }
}
