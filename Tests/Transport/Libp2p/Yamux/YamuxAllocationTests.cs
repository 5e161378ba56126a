using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Transport.Libp2p.Yamux;

namespace ManagedSwarm.Tests.Transport.Libp2p.Yamux;

/// <summary>A warm stream allocates next to nothing: what a hand-over to another thread costs, and no buffer.</summary>
public sealed class YamuxAllocationTests
{
    private const int MessageBytes = 16 * 1024;
    private const int Messages = 2_000;
    private const int Rounds = 10;

    /// <summary>Bytes per message.</summary>
    private const int Allowed = 256;

    [Fact(Timeout = 2 * YamuxEchoTests.GuardMilliseconds)]
    public async Task A_warm_ping_pong_allocates_next_to_nothing()
    {
        if (!ChildTest.IsChild)
        {
            await ChildTest.RunAgainAsync(typeof(YamuxAllocationTests));
            return;
        }

        var cancellationToken = TestContext.Current.CancellationToken;
        await using var pair = new ConnectionPair(new YamuxOptions { KeepAliveInterval = TimeSpan.FromHours(1) });
        var (near, far) = await pair.OpenAsync(cancellationToken);
        var echo = far.EchoAsync(cancellationToken);
        var fewest = long.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await PingPongAsync(near, cancellationToken);
            fewest = Math.Min(fewest, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        // A message there and one back.
        TestContext.Current.TestOutputHelper?.WriteLine($"{fewest / (2.0 * Messages):F1} bytes per message");
        Assert.InRange(fewest / (2 * Messages), 0, Allowed);
        await near.CloseWriteAsync(cancellationToken);
        await echo;
    }

    private static async Task PingPongAsync(YamuxStream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[MessageBytes];
        for (var message = 0; message < Messages; message++)
        {
            await stream.WriteAsync(buffer, cancellationToken);
            for (var count = 0; count < MessageBytes;)
            {
                count += await stream.ReadAsync(buffer.AsMemory(count), cancellationToken);
            }
        }
    }
}
