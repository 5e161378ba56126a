using System.IO.Pipelines;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Streams;

/// <summary>
/// A libp2p stream as two pipes. Bytes are copied once in each direction, between the pipe's pooled buffers and the stream, by whoever
/// reads or flushes: there is no task in between. A stream that was reset is an <see cref="IOException"/>.
/// </summary>
internal sealed class MuxDuplexPipe : IDuplexPipe, IAsyncDisposable
{
    /// <summary>A step of a few tokens in one piece.</summary>
    public const int DefaultBufferSize = 64 << 10;

    private readonly MuxStreamAdapter _adapter;
    private readonly MuxPipeWriter _output;

    /// <param name="stream">Is the pipe's from now on.</param>
    /// <param name="bufferSize">Bytes of a buffer, in each direction.</param>
    public MuxDuplexPipe(IMuxStream stream, int bufferSize = DefaultBufferSize)
    {
        _adapter = new MuxStreamAdapter(stream);
        _output = new MuxPipeWriter(stream, _adapter, bufferSize);
        Input = PipeReader.Create(_adapter, new StreamPipeReaderOptions(bufferSize: bufferSize, leaveOpen: true));
    }

    /// <summary>What comes. Completing it only gives its buffers back: the other side is not told.</summary>
    public PipeReader Input { get; }

    /// <summary>What goes. See <see cref="MuxPipeWriter"/> for what completing does.</summary>
    public PipeWriter Output => _output;

    /// <summary>
    /// Waits until a completed <see cref="Output"/> is closed, then disposes the stream: it is reset unless both directions were closed.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        // What could not be sent was an error to whoever flushed it, and is none to those who only leave.
        await _output.Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _adapter.DisposeAsync();
        await Input.CompleteAsync();
        _output.Complete(new ObjectDisposedException(nameof(MuxDuplexPipe)));
        await _output.Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
