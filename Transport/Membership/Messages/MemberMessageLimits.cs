using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Transport.Membership.Messages;

/// <summary>How large a message between members may be. Whoever has more to say sends several.</summary>
internal static class MemberMessageLimits
{
    /// <summary>Entries of a digest.</summary>
    public const int MaxEntries = 4096;

    /// <summary>Owners of a <see cref="MemberMessage.Want"/>, records of a <see cref="MemberMessage.Records"/>.</summary>
    public const int MaxItems = 1024;

    /// <summary>Bytes of the records of one message.</summary>
    public const int MaxRecordsBytes = 192 << 10;

    /// <summary>Bytes of one record.</summary>
    public const int MaxRecordBytes = 64 << 10;

    /// <summary>What a frame may ask for.</summary>
    public static FrameLimits Frames { get; } = new()
    {
        MaxFrameBytes = 256 << 10,
        MaxStringBytes = 0,
        MaxArrayLength = 2 * MaxEntries,
        MaxBinaryBytes = MaxRecordBytes,
    };
}
