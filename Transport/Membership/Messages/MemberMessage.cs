using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Membership.Messages;

/// <summary>
/// What two members tell each other about the swarm, over one long stream in each direction (<c>members/1.0.0</c>). They come in order and
/// whole while the session lasts, and none of them has to: whatever is lost is made good by the next <see cref="Summary"/> or probe.
/// <see cref="MemberMessageCodec"/> has the layout.
/// </summary>
internal abstract record MemberMessage
{
    private MemberMessage()
    {
    }

    /// <summary>The first one in each direction.</summary>
    /// <param name="Version">Of these messages; those with another first number do not speak with each other.</param>
    /// <param name="WallClock">The sender's, in milliseconds since 1970 UTC: for diagnosis, nothing is decided by it.</param>
    public sealed record Hello(int Version, long WallClock) : MemberMessage;

    /// <summary>Do you live? To be answered at once.</summary>
    public sealed record Probe(uint Nonce) : MemberMessage;

    /// <summary>I do.</summary>
    public sealed record Answer(uint Nonce) : MemberMessage;

    /// <summary>Please probe another one for me: I get no answer.</summary>
    public sealed record ProbeRequest(PeerId Target, uint Nonce) : MemberMessage;

    /// <summary>What came of a <see cref="ProbeRequest"/>.</summary>
    public sealed record ProbeReport(PeerId Target, uint Nonce, bool IsAlive) : MemberMessage;

    /// <summary>I get no answer from it, you might look. To the target itself: you are suspected, say that you live.</summary>
    /// <param name="Target">Who is suspected.</param>
    /// <param name="Sequence">Of the record that the sender has; a newer one refutes it.</param>
    public sealed record Suspect(PeerId Target, ulong Sequence) : MemberMessage;

    /// <summary>What the sender's ledger comes to: a number for each of <see cref="LedgerSummary.Buckets"/> groups of owners.</summary>
    public sealed record Summary(LedgerSummary Groups) : MemberMessage;

    /// <summary>All that the sender has of some groups, as an answer to a summary that differs in them.</summary>
    /// <param name="Groups">A bit for each group that is there completely.</param>
    /// <param name="Entries">Owners with the numbers of their records.</param>
    public sealed record Digest(ulong Groups, IReadOnlyList<DigestEntry> Entries) : MemberMessage;

    /// <summary>Signed records, which the receiver lacks.</summary>
    public sealed record Records(IReadOnlyList<ReadOnlyMemory<byte>> Signed) : MemberMessage;

    /// <summary>Please send these owners' records.</summary>
    public sealed record Want(IReadOnlyList<PeerId> Owners) : MemberMessage;

    /// <summary>Whether the sender needs this session. One that neither side needs may be closed; at first both do.</summary>
    public sealed record Keep(bool IsNeeded) : MemberMessage;
}
