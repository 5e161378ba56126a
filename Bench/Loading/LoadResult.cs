using System.Text.Json;
using System.Text.Json.Serialization;

namespace ManagedSwarm.Bench.Loading;

/// <summary>What one load in a process of its own took.</summary>
/// <param name="Seconds">From opening the file to being ready to answer.</param>
/// <param name="Before">Bytes resident before.</param>
/// <param name="Peak">The most bytes resident until the first reply was over.</param>
/// <param name="After">Bytes resident behind the first reply.</param>
/// <param name="Anonymous">Of these, pages of no file.</param>
/// <param name="KvCache">Bytes of the KV cache.</param>
internal sealed record LoadResult(double Seconds, long Before, long Peak, long After, long Anonymous, long KvCache)
{
    public string ToJson() => JsonSerializer.Serialize(this, LoadResultContext.Default.LoadResult);

    /// <exception cref="JsonException">It is not what <see cref="ToJson"/> made.</exception>
    public static LoadResult FromJson(string json) => JsonSerializer.Deserialize(json, LoadResultContext.Default.LoadResult)!;
}

[JsonSerializable(typeof(LoadResult))]
internal sealed partial class LoadResultContext : JsonSerializerContext;
