namespace ManagedSwarm.Transport.Membership;

/// <summary>
/// What a record may hold. These are a part of its format: what one node says, all others must take. What a record costs a node that keeps
/// it is bounded by <see cref="MaxBytes"/>.
/// </summary>
internal static class RecordLimits
{
    /// <summary>Of a whole record. A head with ten models has about 1 KiB.</summary>
    public const int MaxBytes = 16 << 10;

    /// <summary>Of a name, in UTF-8. Machines' names have at most 64.</summary>
    public const int MaxNameBytes = 64;

    /// <summary>Of a version, a role, a device's name.</summary>
    public const int MaxWordBytes = 32;

    /// <summary>Of a model's id, in UTF-8.</summary>
    public const int MaxModelIdBytes = 128;

    /// <summary>Of an address in its binary form: a relayed one with certificates has about 250.</summary>
    public const int MaxAddressBytes = 320;

    public const int MaxRoles = 8;

    public const int MaxModels = 64;

    public const int MaxLayerRanges = 64;

    public const int MaxAddresses = 16;

    /// <summary>The layer behind the last one of a model.</summary>
    public const int MaxLayers = 1 << 16;

    /// <summary>A record with a longer one is refused: nobody wants to see a node for that long after it has gone.</summary>
    public static readonly TimeSpan MaxTimeToLive = TimeSpan.FromHours(1);

    public static readonly TimeSpan MinTimeToLive = TimeSpan.FromSeconds(1);
}
