namespace ManagedSwarm.Transport.Libp2p.Noise;

/// <summary>
/// libp2p's use of Noise XX, without any I/O (https://github.com/libp2p/specs/blob/master/noise/README.md): messages 2 and 3 say who
/// their senders are, and which multiplexers they offer.
/// </summary>
internal sealed class NoiseHandshake : IDisposable
{
    private readonly bool _isDialer;
    private readonly NoiseIdentity _own;
    private readonly PeerId? _expected;
    private readonly XxHandshake _handshake;
    private PeerId? _remotePeer;
    private int _said;

    /// <param name="isDialer">Whether this side speaks first.</param>
    /// <param name="own">Who this side is.</param>
    /// <param name="prologue">What both sides must know beforehand, maybe nothing.</param>
    /// <param name="expected">Who the other side must be; null: anybody.</param>
    public NoiseHandshake(bool isDialer, NoiseIdentity own, ReadOnlySpan<byte> prologue, PeerId? expected = null)
    {
        (_isDialer, _own, _expected) = (isDialer, own, expected);
        _handshake = new(isDialer, own.StaticKey, prologue);
    }

    /// <summary>Whether all messages are said.</summary>
    public bool IsComplete => _handshake.IsComplete;

    /// <summary>Whether this side says the next message.</summary>
    public bool IsWriting => _handshake.IsWriting;

    /// <summary>Who the other side is, once it has proved it.</summary>
    public PeerId RemotePeer => _remotePeer ?? throw new InvalidOperationException("The other side has not said who it is.");

    /// <summary>The multiplexer that both sides offered; null: they did not both offer any, and have to agree on one now.</summary>
    public string? Muxer { get; private set; }

    /// <summary>Says the next message.</summary>
    /// <param name="destination">At least <see cref="NoiseMessages.MaxLength"/> bytes.</param>
    /// <returns>How many bytes it has.</returns>
    /// <exception cref="SwarmException"><c>handshake_failed</c></exception>
    public int Write(Span<byte> destination)
    {
        // Message 1 can be read by everybody, so it says nothing.
        var payload = _said++ == 0 ? default : _own.Payload;
        return _handshake.WriteMessage(payload, destination);
    }

    /// <summary>Hears the next message.</summary>
    /// <param name="message">The whole message; opened in place.</param>
    /// <exception cref="SwarmException">
    /// <c>handshake_failed</c>, <c>invalid_message</c>, <c>invalid_public_key</c>; <c>wrong_peer</c>: it is not who was expected, and hears
    /// nothing about this side.
    /// </exception>
    public void Read(Span<byte> message)
    {
        var payload = _handshake.ReadMessage(message);
        if (_said++ == 0)
        {
            return;
        }

        var said = HandshakePayload.Parse(payload);
        var peer = NoiseIdentity.Verify(said, _handshake.RemoteStatic);
        if (_expected is not null && peer != _expected)
        {
            throw new SwarmException("wrong_peer", $"{_expected} was dialed, but {peer} answers there.");
        }

        _remotePeer = peer;
        Muxer = _isDialer ? ChooseMuxer(_own.Muxers, said.Muxers) : ChooseMuxer(said.Muxers, _own.Muxers);
    }

    /// <summary>The keys of the two directions, once all is said.</summary>
    public (CipherState Send, CipherState Receive) Split() => _handshake.Split();

    public void Dispose() => _handshake.Dispose();

    /// <summary>The first one of the dialer's that the listener has too.</summary>
    private static string? ChooseMuxer(IReadOnlyList<string> dialers, IReadOnlyList<string> listeners)
    {
        if (dialers.Count == 0 || listeners.Count == 0)
        {
            return null;
        }

        return dialers.FirstOrDefault(listeners.Contains)
            ?? throw new SwarmException("handshake_failed", "Noise handshake: the two sides offer no multiplexer that both have.");
    }
}
