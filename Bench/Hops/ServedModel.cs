using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;
using ManagedSwarm.Transport.Weights;

namespace ManagedSwarm.Bench.Hops;

/// <summary>Layers of a model that a head sends to whoever asks.</summary>
internal sealed class ServedModel : IDisposable
{
    private readonly PieceHashes _pieces;
    private readonly string _manifestFile;

    /// <param name="path">A GGUF file.</param>
    /// <param name="layers">How many of its layers, from the first on; 0: half.</param>
    /// <param name="folder">For the manifest.</param>
    public ServedModel(string path, int layers, string folder)
    {
        (Path, File, _manifestFile) = (path, GgufFile.Open(path), System.IO.Path.Combine(folder, "manifest"));
        Config = ModelConfig.FromMetadata(File.Metadata);
        Layers = new LayerRange(0, layers > 0 ? layers : Config.LayerCount / 2);
        _pieces = PieceHashes.Compute(File);
        Hash = ModelIdentity.Compute(File).Hash;
        Manifest = WeightManifest.Create(File, Hash, Layers, _pieces);
        System.IO.File.WriteAllBytes(_manifestFile, Manifest.ToBytes());
    }

    public string Path { get; }

    public GgufFile File { get; }

    public ModelConfig Config { get; }

    public LayerRange Layers { get; }

    /// <summary>The model's identity.</summary>
    public string Hash { get; }

    public WeightManifest Manifest { get; }

    public void ServeBy(BenchHead head) => head.Weights.Serve(File, _pieces);

    /// <summary>What a worker's process is told so that it fetches the layers.</summary>
    public string[] Question(BenchHead head) => [_manifestFile, head.Address.Id.ToString(), head.Address.Addresses[0].ToString()];

    public void Dispose() => File.Dispose();
}
