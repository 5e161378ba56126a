using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Weights;

/// <summary>The errors of fetching weights, in one place so that each code has one wording.</summary>
internal static class WeightErrors
{
    private const int UnixNoSpace = 28;
    private const int UnixQuota = 122;
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    /// <summary>Nobody is left who could send what is missing.</summary>
    public static SwarmException Unavailable(string tensor, long missingBytes, IEnumerable<(PeerId Peer, string Reason)> sources)
    {
        var reasons = sources.Select(source => $"{source.Peer}: {source.Reason}").DefaultIfEmpty("there is no source");
        return new(
            "weights_unavailable",
            $"tensor '{tensor}' cannot be fetched, {missingBytes} bytes are missing in all: {string.Join("; ", reasons)}");
    }

    /// <summary>A file of the cache could not be written.</summary>
    public static SwarmException NotWritten(string folder, Exception exception) =>
        exception is IOException { HResult: UnixNoSpace or UnixQuota or WindowsDiskFull }
            ? new("disk_full", $"the disk of the weight cache '{folder}' is full: {exception.Message}", exception)
            : new("cache_unusable", $"the weight cache '{folder}' cannot be used: {exception.Message}", exception);

    public static SwarmException DiskFull(string folder, long needed, long free) =>
        new("disk_full", $"the weights need {needed} bytes; the disk of the weight cache '{folder}' has {free} left");

    public static SwarmException CacheTooSmall(string folder, long needed, long limit, long inUse) => new(
        "cache_too_small",
        $"the weights need {needed} bytes; the weight cache '{folder}' may have {limit}, of which {inUse} are in use");
}
