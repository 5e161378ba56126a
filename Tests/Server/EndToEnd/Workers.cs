using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Tests.Server.EndToEnd;

/// <summary>Worker processes of one swarm, called <c>w0</c>, <c>w1</c> and so on.</summary>
internal sealed class Workers : IAsyncDisposable
{
    private readonly List<NodeProgram> _nodes = [];

    public string Token { get; } = SwarmToken.Generate().Reveal();

    public int Count => _nodes.Count;

    public NodeProgram this[int index] => _nodes[index];

    public static async Task<Workers> StartAsync(TemporaryFolder folder, int count, params string[] options)
    {
        var workers = new Workers();
        for (var i = 0; i < count; i++)
        {
            workers._nodes.Add(NodeProgram.Start(
                folder.File($"w{i}"), ["worker", "--token", workers.Token, "--node-name", $"w{i}", "--threads", "1", .. NodeProgram.Loopback, .. options]));
        }

        foreach (var node in workers._nodes)
        {
            await node.SaysAsync("^Joined");
        }

        return workers;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }
}
