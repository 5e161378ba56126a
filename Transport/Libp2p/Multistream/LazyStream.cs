namespace ManagedSwarm.Transport.Libp2p.Multistream;

/// <summary>
/// A stream whose protocol is taken for granted: the proposal travels with the first bytes that are written, and the answer is read with
/// the first bytes that are read. So a dialer's first message costs no round trip.
/// </summary>
/// <remarks>
/// A refusal shows at the first read as <c>protocol_refused</c>. A first read that is given up while the answer is under way resets the
/// stream.
/// </remarks>
internal sealed class LazyStream : IMuxStream
{
    /// <summary>Bytes of a first write that are copied behind the proposal; more are a write of their own.</summary>
    public const int MaxJoined = 64 << 10;

    private readonly IMuxStream _stream;
    private readonly SemaphoreSlim _proposing = new(1, 1);
    private volatile bool _proposed;
    private bool _answered;

    /// <param name="stream">Just opened by this side; belongs to this from now on.</param>
    /// <param name="protocolId">The one protocol.</param>
    public LazyStream(IMuxStream stream, string protocolId) => (_stream, ProtocolId) = (stream, protocolId);

    public string ProtocolId { get; }

    public PeerId RemotePeer => _stream.RemotePeer;

    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _answered ? _stream.ReadAsync(buffer, cancellationToken) : ReadFirstAsync(buffer, cancellationToken);

    public ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _proposed ? _stream.WriteAsync(buffer, cancellationToken) : WriteFirstAsync(buffer, cancellationToken);

    public async ValueTask CloseWriteAsync(CancellationToken cancellationToken = default)
    {
        await WriteAsync(default, cancellationToken);
        await _stream.CloseWriteAsync(cancellationToken);
    }

    public void Reset() => _stream.Reset();

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async ValueTask<int> ReadFirstAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (!_proposed)
        {
            await WriteFirstAsync(default, cancellationToken);
        }

        try
        {
            await MultistreamDialer.ReadLazyAnswerAsync(new StreamDuplex(_stream), ProtocolId, cancellationToken);
        }
        catch
        {
            _stream.Reset();
            throw;
        }

        _answered = true;
        return await _stream.ReadAsync(buffer, cancellationToken);
    }

    /// <summary>The reader and the writer may both come here first; the second one finds the proposal made.</summary>
    private async ValueTask WriteFirstAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        await _proposing.WaitAsync(cancellationToken);
        try
        {
            if (!_proposed)
            {
                var joined = buffer.Length <= MaxJoined ? buffer : default;
                await _stream.WriteAsync(MultistreamDialer.ProposeLazily(ProtocolId, joined.Span), cancellationToken);
                _proposed = true;
                buffer = buffer[joined.Length..];
            }
        }
        finally
        {
            _proposing.Release();
        }

        if (!buffer.IsEmpty)
        {
            await _stream.WriteAsync(buffer, cancellationToken);
        }
    }
}
