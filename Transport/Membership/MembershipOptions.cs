using ManagedSwarm.Transport.Libp2p.Gossip;
using ManagedSwarm.Transport.Membership.Liveness;
using ManagedSwarm.Transport.Membership.Overlays;

namespace ManagedSwarm.Transport.Membership;

/// <summary>How a <see cref="MembershipMachine"/> works.</summary>
internal sealed record MembershipOptions
{
    /// <summary>The gossip topic of records.</summary>
    public required string Topic { get; init; }

    public LivenessOptions Liveness { get; init; } = new();

    public OverlayOptions Overlay { get; init; } = new();

    public LedgerLimits Ledger { get; init; } = new();

    /// <summary><see cref="GossipOptions.Accepts"/> is filled in.</summary>
    public GossipOptions Gossip { get; init; } = new();

    /// <summary>
    /// Whether a gossip message is its author's: else whoever has a record could send it round again and again. Null: it is not looked at.
    /// </summary>
    public Func<GossipMessage, bool>? VerifiesGossip { get; init; }

    /// <summary>How long this node's records are believed without a newer one.</summary>
    public TimeSpan TimeToLive { get; init; } = RecordLimits.MaxTimeToLive;

    /// <summary>How long it is remembered by record that this node has left.</summary>
    public TimeSpan TombstoneTime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The age at which a record is made anew although nothing has changed; a tenth more or less.</summary>
    public TimeSpan Refresh { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Between two records of this node, at least.</summary>
    public TimeSpan UpdateInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The same, where others suspect it: who lies about that costs the swarm no more than so many records.</summary>
    public TimeSpan RefutationInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The same, where only its load or its free memory has changed; and longer in large swarms, see <see cref="MinorPerMember"/>.</summary>
    public TimeSpan MinorInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For each member. All records of a swarm go to all: together they must not be many.</summary>
    public TimeSpan MinorPerMember { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Between two comparisons of the ledger with that of a neighbour, drawn each time.</summary>
    public TimeSpan CompareInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The same, where the ledger is full, and so never equal to another one.</summary>
    public TimeSpan FullCompareInterval { get; init; } = TimeSpan.FromMinutes(4);

    /// <summary>After a neighbour has told of new members, others are asked whether they know them: so long after, and so many.</summary>
    public TimeSpan SpreadDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    public int SpreadTo { get; init; } = 3;

    /// <summary>Records of one session that are read at once, and then in each second.</summary>
    public int RecordBurst { get; init; } = 2048;

    public int RecordsPerSecond { get; init; } = 100;

    /// <summary>
    /// A tick that comes later than this was slept through: the process was stopped, or the machine. That time counts for nobody as silence.
    /// </summary>
    public TimeSpan MaxLateness { get; init; } = TimeSpan.FromMilliseconds(750);
}
