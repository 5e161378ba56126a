using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Gguf;
using ManagedSwarm.Server.P2p.Heads;

namespace ManagedSwarm.Server.Serving;

/// <summary>A model that this node is to serve, and how.</summary>
/// <param name="Path">Its file; of a split model, the first.</param>
/// <param name="Id">Its id in the API; null: the file's name.</param>
/// <param name="Options">How it is loaded.</param>
/// <param name="Head">How it is spread over the swarm, where this node is in one.</param>
internal sealed record ModelRequest(string Path, string? Id, ModelOptions Options, HeadSettings Head)
{
    /// <summary>What it is called before it is loaded.</summary>
    public string Name => Id ?? GgufFile.NameOf(Path);
}
