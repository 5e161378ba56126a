using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Diagnostics.Doctor;

/// <summary>What a peer says to a doctor.</summary>
public sealed record PeerReport
{
    /// <summary>Its program: <c>managedswarm/0.1.0</c>; null: it does not say.</summary>
    public string? AgentVersion { get; init; }

    /// <summary>What it has agreed on beyond libp2p: <c>managedswarm/1</c>; null: it does not say.</summary>
    public string? ProtocolVersion { get; init; }

    /// <summary>Whether it answers doctors of this version.</summary>
    public bool AnswersDoctor { get; init; }

    /// <summary>The version of its own doctor where it answers none of this version, or in another one; null: it has none.</summary>
    public string? OtherDoctor { get; init; }

    /// <summary>How far its clock is before this machine's; null: it does not say.</summary>
    public TimeSpan? Skew { get; init; }

    /// <summary>How long its answer took.</summary>
    public TimeSpan? RoundTrip { get; init; }

    /// <summary>Connections that it has.</summary>
    public int Connections { get; init; }

    /// <summary>Connections that it may have; 0: it does not say.</summary>
    public int ConnectionLimit { get; init; }

    /// <summary>Where it sees this machine; null: it does not say.</summary>
    public Multiaddress? Observed { get; init; }

    /// <summary>What came of its dialing this machine back; none: it was not asked to, or would not.</summary>
    public IReadOnlyList<DialBackResult> DialBack { get; init; } = [];

    /// <summary>Hexadecimal: two nodes of one identity differ in it; null: it does not say.</summary>
    public string? Instance { get; init; }
}
