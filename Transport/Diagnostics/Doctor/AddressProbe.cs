using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Diagnostics.Doctor;

/// <summary>What came of trying an address.</summary>
public sealed record AddressProbe
{
    public required Multiaddress Address { get; init; }

    /// <summary>Who names it, as of <see cref="DoctorAddress.Source"/>.</summary>
    public required string Source { get; init; }

    public required ProbeOutcome Outcome { get; init; }

    /// <summary>Who has answered; null: no member has.</summary>
    public PeerId? Answered { get; init; }

    /// <summary>What was seen, in one line; null: it worked.</summary>
    public string? Detail { get; init; }

    /// <summary>What the peer says; null: it was not reached.</summary>
    public PeerReport? Report { get; init; }

    /// <summary>Whether somebody else has answered than the address names.</summary>
    public bool IsWrongPeer => Answered is not null && Address.PeerId is { } named && named != Answered;
}
