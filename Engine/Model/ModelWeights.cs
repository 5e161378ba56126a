using ManagedSwarm.Gguf;

namespace ManagedSwarm.Engine.Model;

/// <summary>A model's read-only part: its file and what its metadata say. Stages take the tensors that they need from it.</summary>
public sealed class ModelWeights(GgufFile file, ModelConfig config)
{
    /// <summary>The open file; stages may keep pointers into it, so it outlives them.</summary>
    public GgufFile File { get; } = file;

    /// <summary>The model's shape.</summary>
    public ModelConfig Config { get; } = config;
}
