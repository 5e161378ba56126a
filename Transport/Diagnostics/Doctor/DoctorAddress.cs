using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Diagnostics.Doctor;

/// <summary>An address to try.</summary>
/// <param name="Address">With or without a peer at its end.</param>
/// <param name="Source">Who names it: of <see cref="Discovery.DiscoverySource"/>, or one of these.</param>
public sealed record DoctorAddress(Multiaddress Address, string Source)
{
    /// <summary>The user has asked for it.</summary>
    public const string Asked = "asked";

    /// <summary>It is that of the node on this machine.</summary>
    public const string Self = "self";
}
