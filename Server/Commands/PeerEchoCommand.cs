using System.Globalization;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Server.Commands;

/// <summary><c>peer echo</c>: sends bytes to a peer and takes them back.</summary>
internal static class PeerEchoCommand
{
    private const int ChunkBytes = 64 << 10;

    public static async Task<int> RunAsync(LocalPeer peer, OptionValues values, CommandContext context)
    {
        var session = await PeerCommand.DialAsync(peer, values, context);
        await using var stream = await session.OpenStreamAsync(EchoService.IdFor(values.Get(PeerOptions.Token)), context.Terminated);
        if (values.Get(PeerOptions.Bytes) is > 0 and var bytes)
        {
            await MeasureAsync(stream, bytes, context);
        }
        else
        {
            await CopyAsync(stream, context);
        }

        return ExitCode.Success;
    }

    private static async Task CopyAsync(IMuxStream stream, CommandContext context)
    {
        await using var input = context.OpenInputBytes();
        await using var output = context.OpenOutputBytes();
        var sending = Task.Run(async () =>
        {
            var buffer = new byte[ChunkBytes];
            for (int count; (count = await input.ReadAsync(buffer, context.Terminated)) > 0;)
            {
                await stream.WriteAsync(buffer.AsMemory(0, count), context.Terminated);
            }

            await stream.CloseWriteAsync(context.Terminated);
        });
        await ReceiveAsync(
            stream,
            async chunk =>
            {
                await output.WriteAsync(chunk, context.Terminated);
                await output.FlushAsync(context.Terminated);
            },
            context.Terminated);
        await sending;
    }

    /// <exception cref="StartException">What comes back is something else.</exception>
    private static async Task MeasureAsync(IMuxStream stream, long bytes, CommandContext context)
    {
        var pattern = new byte[ChunkBytes];
        Random.Shared.NextBytes(pattern);
        var start = context.Time.GetTimestamp();
        var sending = SendAsync(stream, pattern, bytes, context.Terminated);
        var received = 0L;
        await ReceiveAsync(
            stream,
            chunk =>
            {
                Compare(chunk.Span, pattern, received);
                received += chunk.Length;
                return ValueTask.CompletedTask;
            },
            context.Terminated);
        await sending;
        if (received != bytes)
        {
            throw new StartException($"{received} of {bytes} bytes came back");
        }

        var seconds = context.Time.GetElapsedTime(start).TotalSeconds;
        context.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{bytes} bytes there and back in {seconds:0.000} s: {bytes / 1e6 / seconds:0.0} MB/s each way"));
    }

    private static async Task SendAsync(IMuxStream stream, byte[] pattern, long bytes, CancellationToken cancellationToken)
    {
        for (var left = bytes; left > 0; left -= Math.Min(left, pattern.Length))
        {
            await stream.WriteAsync(pattern.AsMemory(0, (int)Math.Min(left, pattern.Length)), cancellationToken);
        }

        await stream.CloseWriteAsync(cancellationToken);
    }

    private static async Task ReceiveAsync(IMuxStream stream, Func<ReadOnlyMemory<byte>, ValueTask> take, CancellationToken cancellationToken)
    {
        var buffer = new byte[ChunkBytes];
        for (int count; (count = await stream.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            await take(buffer.AsMemory(0, count));
        }
    }

    private static void Compare(ReadOnlySpan<byte> chunk, ReadOnlySpan<byte> pattern, long position)
    {
        while (!chunk.IsEmpty)
        {
            var expected = pattern[(int)(position % pattern.Length)..];
            var count = Math.Min(chunk.Length, expected.Length);
            if (!chunk[..count].SequenceEqual(expected[..count]))
            {
                throw new StartException($"other bytes than those that were sent came back, at or behind byte {position}");
            }

            chunk = chunk[count..];
            position += count;
        }
    }
}
