using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Server.Serving;

namespace ManagedSwarm.Tests.Server;

/// <summary>How a node serves models that are none.</summary>
internal static class FakeModelSetup
{
    /// <param name="load">Loads a model; null: a <see cref="FakeModel"/> for any path.</param>
    /// <param name="first">The file that the node was started with.</param>
    /// <param name="folders">Where others lie.</param>
    public static ModelSetup Create(LoadModel? load = null, string first = "fake.gguf", params IReadOnlyList<string> folders) => new()
    {
        Load = load ?? ((_, id, _, _, _, _, _) => Task.FromResult<IServedModel>(new FakeModel(new ScriptedGenerator()) { Id = id ?? FakeModel.DefaultId })),
        Identify = (_, _, _) => Task.FromResult(new IdentifiedModel(new string('a', 64), 1)),
        Catalog = new(new ModelRequest(first, null, new ModelOptions(), new HeadSettings()), folders),
    };
}
