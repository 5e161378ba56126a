using System.Security.Cryptography;
using ManagedSwarm.Transport.Libp2p.Yamux;

namespace ManagedSwarm.Tests.Transport.Libp2p.Yamux;

public sealed class YamuxEchoTests
{
    /// <summary>A test that takes longer waits for something that never comes.</summary>
    internal const int GuardMilliseconds = 180_000;

    [Theory(Timeout = GuardMilliseconds)]
    [InlineData(1, null)]
    [InlineData(1, 1)]
    [InlineData(100, 2)]
    [InlineData(16 * 1024, null)]
    [InlineData(65519, null)]
    [InlineData(65520, 3)]
    [InlineData(256 * 1024, null)]
    [InlineData((256 * 1024) + 1, 4)]
    [InlineData(16 * 1024 * 1024, null)]
    [InlineData(2 * 1024 * 1024, 5)]
    public async Task Any_number_of_bytes_comes_back(int count, int? seed)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var pair = new ConnectionPair(seed: seed);
        var (near, far) = await pair.OpenAsync(cancellationToken);
        var echo = far.EchoAsync(cancellationToken);
        var sent = TestStreams.RandomBytes(count, 1);
        var reading = near.ReadToEndAsync(cancellationToken);
        await near.WriteAsync(sent, cancellationToken);
        await near.CloseWriteAsync(cancellationToken);
        Assert.Equal(sent, await reading);
        await echo;
        await near.DisposeAsync();
    }

    [Fact(Timeout = GuardMilliseconds)]
    public async Task Both_sides_open_streams_of_their_own_ids()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var pair = new ConnectionPair();
        var (near, _) = await pair.OpenAsync(cancellationToken);
        var opened = await pair.Listener.OpenStreamAsync(cancellationToken);
        var accepted = await pair.Dialer.AcceptAsync(cancellationToken);
        Assert.Equal((1u, 2u, 2u), (near.Id, opened.Id, accepted!.Id));
        await opened.WriteAsync("hello"u8.ToArray(), cancellationToken);
        await opened.CloseWriteAsync(cancellationToken);
        Assert.Equal("hello"u8.ToArray(), await accepted.ReadToEndAsync(cancellationToken));
    }

    [Theory(Timeout = GuardMilliseconds)]
    [InlineData(null)]
    [InlineData(6)]
    public async Task A_thousand_streams_go_at_once(int? seed)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var pair = new ConnectionPair(seed: seed);
        var echoing = EchoAllAsync(pair.Listener, cancellationToken);
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(async number =>
        {
            var sent = TestStreams.RandomBytes(number * 7, number);
            await using var stream = await pair.Dialer.OpenStreamAsync(cancellationToken);
            await stream.WriteAsync(sent, cancellationToken);
            await stream.CloseWriteAsync(cancellationToken);
            Assert.Equal(sent, await stream.ReadToEndAsync(cancellationToken));
        }));
        await TestPeer.UntilAsync(() => pair.Dialer.StreamCount == 0);
        await pair.Dialer.DisposeAsync();
        Assert.Equal(1000, await echoing);
    }

    [Theory(Timeout = GuardMilliseconds)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Streams_keep_their_bytes_and_order_in_any_interleaving(int seed)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var pair = new ConnectionPair(seed: seed, capacity: 1000 << seed);
        var work = new List<Task>();
        for (var number = 0; number < 24; number++)
        {
            var (near, far) = await pair.OpenAsync(cancellationToken);
            var (forth, back) = (new Random((100 * seed) + number), new Random((100 * seed) + number + 50));
            work.Add(Task.Run(() => CompareAsync(near, far, forth, cancellationToken), cancellationToken));
            work.Add(Task.Run(() => CompareAsync(far, near, back, cancellationToken), cancellationToken));
        }

        await Task.WhenAll(work);
    }

    private static async Task CompareAsync(YamuxStream writer, YamuxStream reader, Random random, CancellationToken cancellationToken)
    {
        var readerRandom = new Random(random.Next());
        var writing = WriteRandomlyAsync(writer, random, cancellationToken);
        var received = await ReadRandomlyAsync(reader, readerRandom, cancellationToken);
        Assert.Equal(await writing, received);
    }

    private static async Task<string> WriteRandomlyAsync(YamuxStream stream, Random random, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var pieces = random.Next(5, 40); pieces > 0; pieces--)
        {
            var piece = TestStreams.RandomBytes(1 << random.Next(18), random.Next());
            hash.AppendData(piece);
            await stream.WriteAsync(piece, cancellationToken);
            if (random.Next(3) == 0)
            {
                await Task.Yield();
            }
        }

        await stream.CloseWriteAsync(cancellationToken);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static async Task<string> ReadRandomlyAsync(YamuxStream stream, Random random, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 18];
        int count;
        while ((count = await stream.ReadAsync(buffer.AsMemory(0, 1 << random.Next(19)), cancellationToken)) > 0)
        {
            hash.AppendData(buffer, 0, count);
            if (random.Next(3) == 0)
            {
                await Task.Yield();
            }
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <returns>How many streams there were.</returns>
    private static async Task<int> EchoAllAsync(YamuxConnection connection, CancellationToken cancellationToken)
    {
        var echoes = new List<Task>();
        while (await connection.AcceptAsync(cancellationToken) is { } stream)
        {
            echoes.Add(stream.EchoAsync(cancellationToken));
        }

        await Task.WhenAll(echoes);
        return echoes.Count;
    }
}
