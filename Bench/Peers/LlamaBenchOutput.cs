using System.Globalization;
using System.Text.Json;

namespace ManagedSwarm.Bench.Peers;

/// <summary>Reads what llama-bench (<c>-o json</c>) and llama-batched-bench (its table) print.</summary>
internal static class LlamaBenchOutput
{
    /// <summary>Tokens per second by the test's name, and the commit and build number that the program was made of.</summary>
    /// <exception cref="JsonException">That is not what llama-bench prints.</exception>
    public static (string Version, IReadOnlyDictionary<string, double> Speeds) ReadJson(string json)
    {
        // A progress line may come before the list.
        using var document = JsonDocument.Parse(json.AsMemory(Math.Max(0, json.IndexOf('['))));
        var version = "";
        var speeds = new Dictionary<string, double>();
        foreach (var test in document.RootElement.EnumerateArray())
        {
            var (prompt, generated) = (test.GetProperty("n_prompt").GetInt32(), test.GetProperty("n_gen").GetInt32());
            speeds[prompt > 0 ? SpeedPlan.PromptName(prompt) : SpeedPlan.GenerationName(generated)] = test.GetProperty("avg_ts").GetDouble();
            version = $"{test.GetProperty("build_commit").GetString()} ({test.GetProperty("build_number").GetInt32()})";
        }

        return (version, speeds);
    }

    /// <summary>
    /// Decoded tokens per second of all sequences together, by the test's name. The table's rows are
    /// <c>| PP | TG | B | N_KV | T_PP s | S_PP t/s | T_TG s | S_TG t/s | T s | S t/s |</c>.
    /// </summary>
    public static IReadOnlyDictionary<string, double> ReadTable(string text)
    {
        var speeds = new Dictionary<string, double>();
        foreach (var line in text.Split('\n'))
        {
            var start = line.IndexOf('|', StringComparison.Ordinal);
            var cells = start < 0 ? [] : line[start..].Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (cells.Length == 10
                && int.TryParse(cells[2], CultureInfo.InvariantCulture, out var sequences)
                && double.TryParse(cells[7], CultureInfo.InvariantCulture, out var speed))
            {
                speeds[SpeedPlan.BatchName(sequences)] = speed;
            }
        }

        return speeds;
    }
}
