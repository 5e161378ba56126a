using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Diagnostics.Doctor;

/// <summary>What came of dialing somebody back who had asked for it.</summary>
/// <param name="Address">Where.</param>
/// <param name="Code">Null: it worked; else the error's code, as of <see cref="SwarmException.Code"/>.</param>
/// <param name="Reason">Null: it worked; else the error in one line.</param>
public sealed record DialBackResult(Multiaddress Address, string? Code, string? Reason);
