using System.Buffers;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Streams;

namespace ManagedSwarm.Transport.Stages.Links;

/// <summary>What a frame says.</summary>
/// <param name="frame">Without its prefix.</param>
internal delegate T FrameParser<T>(in ReadOnlySequence<byte> frame);

/// <summary>A stream of frames with another node. One reader and one writer may be active at a time.</summary>
internal sealed class StageLink : IAsyncDisposable
{
    private readonly IMuxStream _stream;
    private readonly MuxDuplexPipe _pipe;

    /// <param name="stream">Is the link's from now on.</param>
    public StageLink(IMuxStream stream)
    {
        (_stream, _pipe) = (stream, stream.AsDuplexPipe());
        Reader = new FrameReader(_pipe.Input, FrameLimits.Default);
        Writer = new FrameWriter(_pipe.Output, FrameLimits.Default);
    }

    /// <summary>Who is at the other end, as its handshake proved.</summary>
    public PeerId RemotePeer => _stream.RemotePeer;

    public FrameReader Reader { get; }

    public FrameWriter Writer { get; }

    /// <summary>Both sides say which version they speak.</summary>
    /// <exception cref="SwarmException">As <see cref="HelloExchange.RunAsync"/>; the link is of no use then.</exception>
    public Task GreetAsync(Hello mine, CancellationToken cancellationToken) => HelloExchange.RunAsync(Reader, Writer, mine, cancellationToken);

    /// <summary>Reads a frame that has to come.</summary>
    /// <exception cref="SwarmException"><c>stream_closed</c>, and what <see cref="FrameReader"/> and <paramref name="parse"/> throw.</exception>
    public async Task<T> ReadAsync<T>(FrameLimits limits, FrameParser<T> parse, CancellationToken cancellationToken)
    {
        var frame = await Reader.ReadAsync(limits, cancellationToken);
        if (frame.IsEmpty)
        {
            throw new SwarmException("stream_closed", $"{RemotePeer} closed the stream instead of saying what it is for");
        }

        try
        {
            return parse(frame);
        }
        finally
        {
            Reader.Advance();
        }
    }

    /// <summary>Closes this side's direction: the other side reads to the end.</summary>
    public async Task CloseWriteAsync(CancellationToken cancellationToken) =>
        await _pipe.Output.CompleteAsync().AsTask().WaitAsync(cancellationToken);

    /// <summary>Closes this side's direction and waits until the other side has closed its own: nothing that was said is lost.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        try
        {
            await CloseWriteAsync(cancellationToken);
            while (true)
            {
                var result = await _pipe.Input.ReadAsync(cancellationToken);
                _pipe.Input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or SwarmException or OperationCanceledException)
        {
            // It has gone, or does not listen: there is nobody left to be polite to.
        }
    }

    /// <summary>Ends both directions at once: whoever reads or writes fails. Is still to be disposed, when nobody does.</summary>
    public void Abort() => _stream.Reset();

    public ValueTask DisposeAsync() => _pipe.DisposeAsync();
}
