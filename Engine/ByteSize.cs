namespace ManagedSwarm.Engine;

/// <summary>Sizes of memory as people read them.</summary>
internal static class ByteSize
{
    private const double KiB = 1 << 10;
    private const double GiB = 1 << 30;

    public static string Text(long bytes) => bytes >= GiB / 10
        ? FormattableString.Invariant($"{bytes / GiB:F2} GiB")
        : FormattableString.Invariant($"{bytes / KiB:F0} KiB");
}
