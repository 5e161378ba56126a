using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Transport.Stages.Control;

/// <summary>What a message of a control stream may ask for.</summary>
internal static class ControlLimits
{
    /// <summary>Bytes of a code.</summary>
    public const int MaxCodeBytes = StepFailure.MaxCodeBytes;

    /// <summary>Bytes of a text, which people read.</summary>
    public const int MaxTextBytes = StepFailure.MaxTextBytes;

    /// <summary>For the first message, which has the manifest.</summary>
    public static FrameLimits Offer { get; } = new()
    {
        MaxFrameBytes = OfferRules.MaxManifestBytes + (256 << 10),
        MaxBinaryBytes = OfferRules.MaxManifestBytes,
        MaxStringBytes = MaxTextBytes,
        MaxArrayLength = 256,
    };

    /// <summary>For all others.</summary>
    public static FrameLimits Small { get; } = new()
    {
        MaxFrameBytes = 32 << 10,
        MaxBinaryBytes = OfferCodec.MaxAddressBytes,
        MaxStringBytes = MaxTextBytes,
        MaxArrayLength = 16,
    };
}
