using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Model;

namespace ManagedSwarm.Tests.Fixtures;

/// <summary>Small models for tests of the engine.</summary>
internal static class TinyModels
{
    public const int LayerCount = 5;

    public static IReadOnlyList<string> Names { get; } = ["babyllama_tok361_wide256.Q4_K_M", "stories260K"];

    /// <summary>A model on a device, split as asked.</summary>
    public static TeacherForcing Open(IDevice device, string name, KvType kvType, IReadOnlyList<int>? layersPerStage = null) =>
        new(device, SharedData.Require($"models/{name}.gguf"), layersPerStage, kvType);
}
