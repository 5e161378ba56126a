using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Server.P2p;

/// <summary>How far the load of a stage has come, in words: the same at the head and at the worker.</summary>
internal static class StageProgressText
{
    /// <summary>Such as <c>fetching weights: 42 %, 110 MB/s, 12 s left</c>; what is not known is left out.</summary>
    public static string Of(StageProgress progress)
    {
        var what = progress.State == StageState.Fetching ? "fetching weights" : "loading";
        var share = progress.BytesTotal > 0 ? FormattableString.Invariant($": {100 * ShareOf(progress):F0} %") : "";
        var rate = progress.BytesPerSecond > 0 ? $", {RateOf(progress.BytesPerSecond)}" : "";
        var left = Remaining(progress) is { } time ? $", {TimeOf(time)} left" : "";
        return what + share + rate + left;
    }

    /// <summary>From 0 to 1.</summary>
    public static double ShareOf(StageProgress progress) =>
        progress.BytesTotal > 0 ? Math.Clamp((double)progress.BytesDone / progress.BytesTotal, 0, 1) : 0;

    /// <summary>How long the rest takes at this rate; null: it cannot be told.</summary>
    public static TimeSpan? Remaining(StageProgress progress) => progress.BytesPerSecond > 0 && progress.BytesTotal > 0
        ? TimeSpan.FromSeconds(Math.Min(Math.Max(0, progress.BytesTotal - progress.BytesDone) / (double)progress.BytesPerSecond, MaxSeconds))
        : null;

    // A rate of a byte per second is no ground for a forecast of years.
    private const double MaxSeconds = 7 * 24 * 3600;

    private static string RateOf(long bytesPerSecond) => bytesPerSecond < 10_000_000
        ? FormattableString.Invariant($"{bytesPerSecond / 1e6:F1} MB/s")
        : FormattableString.Invariant($"{bytesPerSecond / 1e6:F0} MB/s");

    private static string TimeOf(TimeSpan time) => time.TotalMinutes < 2
        ? FormattableString.Invariant($"{Math.Ceiling(time.TotalSeconds):F0} s")
        : time.TotalHours < 2
            ? FormattableString.Invariant($"{Math.Ceiling(time.TotalMinutes):F0} min")
            : FormattableString.Invariant($"{Math.Ceiling(time.TotalHours):F0} h");
}
