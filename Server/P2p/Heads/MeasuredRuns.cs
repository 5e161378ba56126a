using System.Text.Json;
using System.Text.Json.Serialization;
using ManagedSwarm.Transport.Discovery;

namespace ManagedSwarm.Server.P2p.Heads;

/// <summary>
/// The runs that were measured, the newest first, in a file that <c>plan</c> reads. Whatever is wrong with the file, it is as if there were
/// none: nothing depends on it.
/// </summary>
internal static class MeasuredRuns
{
    /// <summary>The one that was measured first is forgotten first.</summary>
    public const int MaxRuns = 64;

    private const long MaxFileBytes = 1 << 20;

    public static IReadOnlyList<MeasuredRun> Read(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var runs = stream.Length <= MaxFileBytes ? JsonSerializer.Deserialize(stream, MeasuredRunJson.Default.MeasuredRunArray) : null;
            return [.. (runs ?? []).Where(run => run is not null && run.IsValid()).Take(MaxRuns)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }

    /// <summary>Remembers one, in place of an earlier one of the same plan.</summary>
    /// <returns>Whether it could be written.</returns>
    public static bool TryAdd(string path, MeasuredRun run)
    {
        MeasuredRun[] runs = [run, .. Read(path).Where(other => !other.IsLike(run)).Take(MaxRuns - 1)];
        try
        {
            AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(runs, MeasuredRunJson.Default.MeasuredRunArray));
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>What a layer of a model takes on a node, as it was measured last: in milliseconds, by the nodes' ids.</summary>
    public static IReadOnlyDictionary<string, double> SpeedsOf(IReadOnlyList<MeasuredRun> runs, string? modelHash) => runs
        .Where(run => run.ModelHash == modelHash)
        .SelectMany(run => run.Stages)
        .Where(stage => stage.MsPerLayer is not null)
        .DistinctBy(stage => stage.NodeId)
        .ToDictionary(stage => stage.NodeId, stage => stage.MsPerLayer!.Value, StringComparer.Ordinal);
}

/// <summary>How they are written and read: generated at build time, no reflection.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MeasuredRun[]))]
internal sealed partial class MeasuredRunJson : JsonSerializerContext;
