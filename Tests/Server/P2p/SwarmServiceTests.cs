using ManagedSwarm.Tests.Server.P2pApi;

namespace ManagedSwarm.Tests.Server.P2p;

public sealed class SwarmServiceTests
{
    /// <summary>A member's first record is made as it joins: a head that has room for it waits for the measurement.</summary>
    [Fact]
    public async Task Tells_what_was_measured_while_it_joined()
    {
        await using var node = await SwarmServer.StartAsync(options => options with
        {
            Swarm = options.Swarm with
            {
                MeasureBandwidth = () => 1000,
                Start = async (joining, cancellation) =>
                {
                    while (joining.Facts().MemoryBandwidth == 0)
                    {
                        cancellation.ThrowIfCancellationRequested();
                        await Task.Yield();
                    }

                    return new FakeSwarm(joining);
                },
            },
        });

        await node.Swarm.AnnouncedAsync(1);

        Assert.Equal(1000, node.Swarm.Members[0].Facts.MemoryBandwidth);
    }
}
