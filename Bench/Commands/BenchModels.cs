using ManagedSwarm.Bench.Reports;
using ManagedSwarm.Gguf;
using ManagedSwarm.ModelsTest;

namespace ManagedSwarm.Bench.Commands;

/// <summary>Models of the benchmark's shape, made once and kept in the temporary folder.</summary>
internal static class BenchModels
{
    public static IReadOnlyList<string> Make() =>
    [
        Make("Q4_0", ModelPresets.Bench with { Type = TensorType.Q4_0 }),
        Make("Q4_K_M", ModelPresets.Bench with { Type = TensorType.Q4_K, Mixed = true }),
        Make("Q8_0", ModelPresets.Bench with { Type = TensorType.Q8_0 }),
    ];

    private static string Make(string type, ModelShape shape)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "managedswarm-bench")).FullName;
        var path = Path.Combine(folder, $"{shape.Name}-{type}.gguf");
        if (!File.Exists(path))
        {
            Progress.Say($"making {path}");
            ModelGenerator.Write(path + ".part", shape);
            File.Move(path + ".part", path);
        }

        return path;
    }
}
