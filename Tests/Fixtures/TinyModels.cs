using System.Collections.Concurrent;
using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Gguf;
using ManagedSwarm.ModelsTest;

namespace ManagedSwarm.Tests.Fixtures;

/// <summary>Small generated models that between them have all that a supported model may have; written once per test run.</summary>
internal static class TinyModels
{
    public const int LayerCount = 4;

    private static readonly ModelShape Small = new() { LayerCount = LayerCount, VocabularySize = 300, WeightScale = 0.2f };

    private static readonly ModelShape Large = Small with { HiddenSize = 256, FeedForwardSize = 512 };

    private static readonly Dictionary<string, TensorType> Brain = new()
    {
        ["attn_k.weight"] = TensorType.BF16,
        ["ffn_up.weight"] = TensorType.BF16,
        ["output.weight"] = TensorType.BF16,
    };

    private static readonly Dictionary<string, TensorType> Others = new()
    {
        ["attn_q.weight"] = TensorType.Q2_K,
        ["attn_k.weight"] = TensorType.Q3_K,
        ["attn_v.weight"] = TensorType.Q4_1,
        ["attn_output.weight"] = TensorType.IQ4_XS,
        ["ffn_gate.weight"] = TensorType.Q5_0,
        ["ffn_up.weight"] = TensorType.Q5_1,
        ["output.weight"] = TensorType.IQ4_NL,
    };

    private static readonly Dictionary<string, ModelShape> Shapes = new()
    {
        ["K-quants, grouped heads"] = Large with { Type = TensorType.Q4_K, Mixed = true, HeadCount = 8, KvHeadCount = 2, HeadSize = 32 },
        ["F32, odd sizes, tied, rope factors"] = Small with
        {
            Type = TensorType.F32,
            HiddenSize = 72,
            HeadCount = 3,
            KvHeadCount = 1,
            HeadSize = 22,
            FeedForwardSize = 172,
            TiedEmbeddings = true,
            RopeFrequencies = true,
            RopeBase = 500000f,
        },
        ["qwen2, biases, Q8_0"] = Small with { Architecture = "qwen2", Type = TensorType.Q8_0, KvHeadCount = 4 },
        ["YaRN, Q4_0"] = Small with { Type = TensorType.Q4_0, RopeScaling = new RopeScalingShape("yarn", 4f, 64) },
        ["F16, BF16, odd sizes"] = Small with { Type = TensorType.F16, FeedForwardSize = 172, TypeOverrides = Brain },
        ["all other quants"] = Large with { Type = TensorType.Q5_K, TypeOverrides = Others },
    };

    private static readonly ConcurrentDictionary<string, Lazy<string>> Paths = new();

    /// <summary>What there is.</summary>
    public static IEnumerable<string> Names => Shapes.Keys;

    /// <summary>The file of a model.</summary>
    public static string PathOf(string name) => Paths.GetOrAdd(name, key => new Lazy<string>(() => Write(key))).Value;

    /// <summary>A model on a device, split as asked.</summary>
    public static TeacherForcing Open(IDevice device, string name, KvType kvType, IReadOnlyList<int>? layersPerStage = null) =>
        new(device, PathOf(name), layersPerStage, kvType);

    private static string Write(string name)
    {
        var folder = Directory.CreateTempSubdirectory("managedswarm-tests-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
        var path = Path.Combine(folder.FullName, "model.gguf");
        ModelGenerator.Write(path, Shapes[name]);
        return path;
    }
}
