using System.IO.Pipelines;
using ManagedSwarm.Tests.Transport.Libp2p;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Sessions;
using ManagedSwarm.Transport.Streams;
using ManagedSwarm.Transport.Weights;

namespace ManagedSwarm.Tests.Transport.Weights;

/// <summary>A source that answers requests as a test says.</summary>
internal sealed class ScriptedSource : IAsyncDisposable
{
    private readonly TestPeer _peer;
    private readonly IStreamListener _listener;
    private readonly Func<PieceRequest, int, Task<byte[]?>> _answer;
    private readonly Task _serving;
    private int _requests;
    private int _streams;

    private ScriptedSource(TestPeer peer, Func<PieceRequest, int, Task<byte[]?>> answer)
    {
        (_peer, _answer) = (peer, answer);
        _listener = peer.Peer.Listen(WeightNode.ProtocolId);
        _serving = ServeAsync();
    }

    public WeightSource Source => new(_peer.Id, [_peer.Address]);

    /// <summary>Requests that came.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Streams that came.</summary>
    public int Streams => Volatile.Read(ref _streams);

    /// <param name="answer">A piece's bytes for a request, whose number is the second argument, from 1; null: the stream is reset.</param>
    public static async Task<ScriptedSource> StartAsync(Func<PieceRequest, int, Task<byte[]?>> answer) =>
        new(await TestPeer.StartAsync(LocalPeerOptions.For(WeightNode.Token)), answer);

    /// <summary>A piece as one that knows the protocol sends it.</summary>
    public static byte[] Frames(ReadOnlySpan<byte> piece)
    {
        var frames = new MemoryStream();
        var head = new byte[WeightProtocol.DataHeadBytes];
        while (!piece.IsEmpty)
        {
            var count = Math.Min(piece.Length, WeightProtocol.MaxDataBytes);
            WeightProtocol.WriteDataHead(head, count);
            frames.Write(head);
            frames.Write(piece[..count]);
            piece = piece[count..];
        }

        return frames.ToArray();
    }

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        await _serving;
        await _peer.DisposeAsync();
    }

    private async Task ServeAsync()
    {
        var tasks = new RunningTasks();
        while (await _listener.AcceptAsync() is { } stream)
        {
            Interlocked.Increment(ref _streams);
            tasks.Add(ServeAsync(stream));
        }

        await tasks.WhenEmptyAsync();
    }

    private async Task ServeAsync(IMuxStream stream)
    {
        await using (stream)
        {
            var input = PipeReader.Create(stream.AsStream(), new StreamPipeReaderOptions(leaveOpen: true));
            var reader = new FrameReader(input, WeightProtocol.RequestLimits);
            try
            {
                while (await reader.ReadAsync(CancellationToken.None) is { IsEmpty: false } frame)
                {
                    var request = PieceRequest.Read(frame);
                    reader.Advance();
                    if (await _answer(request, Interlocked.Increment(ref _requests)) is not { } bytes)
                    {
                        return;
                    }

                    await stream.WriteAsync(bytes);
                }
            }
            catch (SwarmException)
            {
                // The asker has gone.
            }
        }
    }
}
