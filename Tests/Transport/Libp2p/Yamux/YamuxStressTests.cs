using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p.Yamux;

namespace ManagedSwarm.Tests.Transport.Libp2p.Yamux;

/// <summary>Two sound sides whose streams end at any moment: frames cross on the way, and nobody may take that for a violation.</summary>
public sealed class YamuxStressTests
{
    private const int Workers = 8;
    private const int StreamsPerWorker = 100;

    [Theory(Timeout = YamuxEchoTests.GuardMilliseconds)]
    [InlineData(1, 2_000)]
    [InlineData(2, 20_000)]
    [InlineData(3, 200_000)]
    public async Task Streams_that_end_in_any_way_never_end_the_session(int seed, int capacity)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var pair = new ConnectionPair(new YamuxOptions { VainStreamBurst = int.MaxValue }, capacity: capacity, seed: seed);
        var serving = new[] { ServeAsync(pair.Listener, seed + 100, cancellationToken), ServeAsync(pair.Dialer, seed + 200, cancellationToken) };
        var work = Enumerable.Range(0, Workers).Select(worker => Task.Run(
            () => OpenManyAsync(worker % 2 == 0 ? pair.Dialer : pair.Listener, new Random((seed * 50) + worker), cancellationToken),
            cancellationToken));
        await Task.WhenAll(work);
        Assert.Null(pair.Dialer.CloseReason);
        Assert.Null(pair.Listener.CloseReason);
        var near = await pair.Dialer.OpenStreamAsync(cancellationToken);
        Assert.True(near.Id > StreamsPerWorker);
        await pair.Dialer.DisposeAsync();
        await pair.Listener.Closed.WaitAsync(cancellationToken);
        await Task.WhenAll(serving);
    }

    private static async Task OpenManyAsync(YamuxConnection connection, Random random, CancellationToken cancellationToken)
    {
        for (var count = 0; count < StreamsPerWorker; count++)
        {
            await UseAsync(await connection.OpenStreamAsync(cancellationToken), random, cancellationToken);
        }
    }

    private static async Task ServeAsync(YamuxConnection connection, int seed, CancellationToken cancellationToken)
    {
        var uses = new List<Task>();
        while (await connection.AcceptAsync(cancellationToken) is { } stream)
        {
            var random = new Random(seed + (int)stream.Id);
            uses.Add(Task.Run(() => UseAsync(stream, random, cancellationToken), cancellationToken));
        }

        await Task.WhenAll(uses);
    }

    /// <summary>Reads and writes at once; then closes, resets, or cancels what is going on.</summary>
    private static async Task UseAsync(YamuxStream stream, Random random, CancellationToken cancellationToken)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var length = 1 << random.Next(20);
        var ending = random.Next(4);
        var writing = Quietly(async () =>
        {
            await stream.WriteAsync(new byte[length], cancel.Token);
            await stream.CloseWriteAsync(cancel.Token);
        });
        var reading = Quietly(async () => await stream.ReadToEndAsync(cancel.Token));
        for (var pauses = random.Next(20); pauses > 0; pauses--)
        {
            await Task.Yield();
        }

        switch (ending)
        {
            case 0:
                stream.Reset();
                break;
            case 1:
                await cancel.CancelAsync();
                break;
            case 2:
                await writing;
                break;
        }

        // Whoever only waits may be left waiting by the other side, which then resets or has done so.
        await Task.WhenAny(reading, writing);
        await stream.DisposeAsync();
        await Task.WhenAll(reading, writing);
    }

    private static async Task Quietly(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (OperationCanceledException)
        {
        }
        catch (SwarmException error)
        {
            Assert.Equal("stream_reset", error.Code);
        }
    }
}
