using System.Buffers;

namespace ManagedSwarm.Transport.Libp2p.Messages;

/// <summary>
/// Who hears of a protocol's messages. For each peer: <see cref="Opened"/>, then <see cref="Received"/> and <see cref="Opened"/> again in
/// any order, then <see cref="Ended"/>; what comes of the peer's next session comes after that. Called by any thread, for several peers at
/// once; must not wait.
/// </summary>
internal interface IPeerMessageHandler
{
    /// <summary>
    /// A stream to a peer is open: what is sent now gets there. Where it is told again, the stream before broke, and some of what was sent
    /// last may be lost.
    /// </summary>
    void Opened(PeerId peer);

    /// <summary>A peer has sent a message. Those of one stream come in order and one at a time.</summary>
    /// <param name="from">Who.</param>
    /// <param name="message">Without its length; the bytes are valid during the call only.</param>
    /// <exception cref="SwarmException">It is none: the stream is reset, with a line in the log.</exception>
    void Received(PeerId from, ReadOnlySequence<byte> message);

    /// <summary>The session with a peer is over.</summary>
    void Ended(PeerId peer);
}
