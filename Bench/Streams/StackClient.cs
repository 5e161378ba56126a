using System.Net;
using System.Net.Sockets;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Bench.Streams;

/// <summary>This process's side of a stack: opens wires to the other one, all in one session where there are sessions.</summary>
internal sealed class StackClient : IAsyncDisposable
{
    private readonly Identity _identity = Identity.Generate();
    private readonly Stack _stack;
    private readonly ServerAddresses _addresses;
    private readonly LocalPeer? _peer;
    private ISession? _session;

    public StackClient(Stack stack, ServerAddresses addresses)
    {
        (_stack, _addresses) = (stack, addresses);
        _peer = stack == Stack.RawTcp ? null : new(_identity, BenchNetwork.Options(stack));
    }

    /// <summary>Connects where there is a session, and waits until it is known what the other side serves.</summary>
    public async Task ConnectAsync()
    {
        if (_peer is not null)
        {
            _session = await _peer.DialAsync(_addresses.Of(_stack));
            await _session.IdentifyAsync();
        }
    }

    /// <summary>Opens a wire.</summary>
    /// <param name="blockBytes">What <see cref="WireService"/> is asked for.</param>
    public async Task<IWire> OpenAsync(int blockBytes)
    {
        IWire wire = _session is null ? new SocketWire(await ConnectSocketAsync()) : new StreamWire(await _session.OpenStreamAsync(BenchNetwork.ProtocolId));
        await WireService.AskAsync(wire, blockBytes);
        return wire;
    }

    public async ValueTask DisposeAsync()
    {
        if (_peer is not null)
        {
            await _peer.DisposeAsync();
        }

        _identity.Dispose();
    }

    private async Task<Socket> ConnectSocketAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, _addresses.Port);
        return socket;
    }
}
