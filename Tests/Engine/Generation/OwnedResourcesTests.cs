using ManagedSwarm.Engine.Generation;

namespace ManagedSwarm.Tests.Engine.Generation;

public sealed class OwnedResourcesTests
{
    [Fact]
    public async Task Disposes_the_last_one_first_once_and_whatever_fails()
    {
        var log = new List<int>();
        var resources = new OwnedResources();
        for (var i = 1; i <= 3; i++)
        {
            resources.Add(new Resource(i, log));
        }

        await Assert.ThrowsAsync<IOException>(async () => await resources.DisposeAsync());
        await resources.DisposeAsync();
        Assert.Equal([3, 2, 1], log);
    }

    private sealed class Resource(int number, List<int> log) : IDisposable
    {
        public void Dispose()
        {
            log.Add(number);
            if (number == 2)
            {
                throw new IOException("the disk was pulled");
            }
        }
    }
}
