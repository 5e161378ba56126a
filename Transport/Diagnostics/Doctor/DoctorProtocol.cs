using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Transport.Diagnostics.Doctor;

/// <summary>
/// <c>/managedswarm/NETWORK/doctor/1.0.0</c>: nodes tell each other what they see. The dialer sends questions, each of which is answered,
/// at most <see cref="MaxQuestions"/> on a stream; each is protobuf with its length before it. Fields that are not known are passed over.
/// </summary>
internal static class DoctorProtocol
{
    /// <summary>Equal on both sides; another one has a protocol id of its own as well.</summary>
    public const int Major = 1;

    public const int Minor = 0;

    /// <summary>Of one stream.</summary>
    public const int MaxQuestions = 4;

    /// <summary>Bytes of a question or an answer.</summary>
    public const int MaxBytes = 4096;

    /// <summary>Addresses that are dialed for one question.</summary>
    public const int MaxDials = 4;

    private const string Name = "doctor";

    public static string Id(SwarmKeys keys) => keys.ProtocolId($"{Name}/{Major}.0.0");

    /// <summary>Whether it is this protocol, in whatever version.</summary>
    public static bool IsAnyVersion(string protocolId, SwarmKeys keys) =>
        protocolId.StartsWith(keys.ProtocolId(Name + "/"), StringComparison.Ordinal);
}
