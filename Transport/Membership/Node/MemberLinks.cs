using System.Buffers;
using ManagedSwarm.Transport.Discovery;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Gossip;
using ManagedSwarm.Transport.Libp2p.Messages;
using ManagedSwarm.Transport.Libp2p.Sessions;
using ManagedSwarm.Transport.Membership.Messages;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Transport.Membership.Node;

/// <summary>
/// A member's ways to others: streams of <c>members/1.0.0</c> and of gossipsub with each that is connected, and dials. A member is whoever
/// takes the first of them.
/// </summary>
internal sealed class MemberLinks : IAsyncDisposable
{
    private static readonly GossipOptions Gossip = new();

    private readonly ILocalPeer _peer;
    private readonly MembershipDriver _driver;
    private readonly DialLoop _dials;
    private readonly PeerMessageStreams _members;
    private readonly PeerMessageStreams _gossip;
    private readonly RunningTasks _disconnecting = new();

    /// <summary>Serves the protocols from now on. The peer must not listen yet.</summary>
    /// <param name="peer">Stays the caller's.</param>
    /// <param name="driver">Hears of all.</param>
    /// <param name="dials">Stays the caller's.</param>
    /// <param name="keys">The swarm's.</param>
    /// <param name="options">The clock, and where is logged.</param>
    public MemberLinks(ILocalPeer peer, MembershipDriver driver, DialLoop dials, SwarmKeys keys, SwarmOptions options)
    {
        (_peer, _driver, _dials) = (peer, driver, dials);
        driver.Use(this);
        _gossip = new(
            peer,
            new()
            {
                ProtocolIds = GossipService.ProtocolIds,
                Framing = VarintFraming.Instance,
                MaxMessageBytes = Gossip.MaxRpcBytes,
                Time = options.Time,
                Logger = options.Logger,
            },
            new GossipHandler(driver));
        _members = new(
            peer,
            new()
            {
                ProtocolIds = [ProtocolIdOf(keys)],
                Framing = PrefixFraming.Instance,
                MaxMessageBytes = MemberMessageLimits.Frames.MaxFrameBytes,
                Time = options.Time,
                Logger = options.Logger,
            },
            new MembersHandler(driver));
    }

    /// <summary>The protocol that members speak.</summary>
    public static string ProtocolIdOf(SwarmKeys keys) => keys.ProtocolId("members/1.0.0");

    /// <summary>Does not wait; what cannot be sent is lost.</summary>
    public void Send(PeerId to, MemberMessage message)
    {
        var output = new ArrayBufferWriter<byte>();
        MemberMessageCodec.Write(new FrameWriter(output, MemberMessageLimits.Frames), message);
        _members.Send(to, output.WrittenMemory[FramePrefix.Size..]);
    }

    /// <inheritdoc cref="Send"/>
    public void SendGossip(PeerId to, GossipRpc rpc) => _gossip.Send(to, rpc.ToBytes());

    /// <summary>Has a peer dialed.</summary>
    /// <param name="peer">Which.</param>
    /// <param name="addresses">Where it says it is; others may be known, too.</param>
    public void Dial(PeerId peer, IReadOnlyList<Multiaddress> addresses) => _dials.Request(peer, addresses);

    /// <summary>Ends the session with a peer.</summary>
    public void Disconnect(PeerId peer)
    {
        if (_peer.Sessions.FirstOrDefault(session => session.RemotePeer == peer) is { } session)
        {
            _disconnecting.Add(session.DisposeAsync().AsTask());
        }
    }

    /// <summary>Sends what waits, then ends the streams.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_members.DisposeAsync().AsTask(), _gossip.DisposeAsync().AsTask());
        await _disconnecting.WhenEmptyAsync();
    }

    private sealed class MembersHandler(MembershipDriver driver) : IPeerMessageHandler
    {
        private readonly HashSet<PeerId> _open = [];
        private readonly Lock _gate = new();

        public void Opened(PeerId peer)
        {
            bool isNew;
            lock (_gate)
            {
                isNew = _open.Add(peer);
            }

            driver.Do((machine, now) =>
            {
                if (isNew)
                {
                    machine.Connected(peer, now);
                }
                else
                {
                    machine.Reopened(peer, now);
                }
            });
        }

        public void Received(PeerId from, ReadOnlySequence<byte> message)
        {
            if (MemberMessageCodec.Read(message) is { } read)
            {
                driver.Do((machine, now) => machine.Receive(from, read, now));
            }
        }

        public void Ended(PeerId peer)
        {
            lock (_gate)
            {
                _open.Remove(peer);
            }

            driver.Do((machine, now) => machine.Disconnected(peer, "session_closed", now));
        }
    }

    private sealed class GossipHandler(MembershipDriver driver) : IPeerMessageHandler
    {
        private readonly HashSet<PeerId> _open = [];
        private readonly Lock _gate = new();

        public void Opened(PeerId peer)
        {
            lock (_gate)
            {
                // What is said before the stream is open waits for it.
                if (_open.Add(peer))
                {
                    return;
                }
            }

            driver.Do((machine, now) => machine.Reopened(peer, now));
        }

        public void Received(PeerId from, ReadOnlySequence<byte> message)
        {
            var rpc = GossipRpcCodec.Read(message.ToArray(), Gossip);
            driver.Do((machine, now) => machine.ReceiveGossip(from, rpc, now));
        }

        public void Ended(PeerId peer)
        {
            lock (_gate)
            {
                _open.Remove(peer);
            }
        }
    }
}
