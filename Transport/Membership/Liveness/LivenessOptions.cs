namespace ManagedSwarm.Transport.Membership.Liveness;

/// <summary>
/// How fast a node that does not answer is lost. By default one that is killed is lost as soon as it refuses to be dialed, and one that
/// is silent after 4.6 s at the latest: quiet, then probing, and two ticks; an answer may take 0.6 s and some be lost without that being seen.
/// </summary>
internal sealed record LivenessOptions
{
    /// <summary>Between ticks, and between probes of one that has not answered.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a neighbour may say nothing before it is probed.</summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Neighbours that begin to be probed in one period, at most: a node with very many takes longer to notice.</summary>
    public int ProbesPerPeriod { get; init; } = 5;

    /// <summary>After the first probe: others are asked to probe it too.</summary>
    public TimeSpan Doubt { get; init; } = TimeSpan.FromMilliseconds(800);

    /// <summary>After the first probe: it is suspect, and neighbours are told.</summary>
    public TimeSpan Suspicion { get; init; } = TimeSpan.FromMilliseconds(1800);

    /// <summary>After the first probe: it is lost.</summary>
    public TimeSpan Loss { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How many others are asked to probe it.</summary>
    public int Helpers { get; init; } = 3;

    /// <summary>How long others are waited for.</summary>
    public TimeSpan HelperTimeout { get; init; } = TimeSpan.FromMilliseconds(1250);

    /// <summary>How long it takes to say for others that a node does not answer; less than <see cref="HelperTimeout"/> by a way there and back.</summary>
    public TimeSpan HelpTimeout { get; init; } = TimeSpan.FromMilliseconds(900);

    /// <summary>A dial that takes longer counts as failed, for a node that is suspected and has no session.</summary>
    public TimeSpan DialTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Between dials of lost nodes: one of them each time.</summary>
    public TimeSpan LostRetry { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Between dials of the same lost node, and between probes of one whose session is still open.</summary>
    public TimeSpan LostInterval { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a lost node is remembered.</summary>
    public TimeSpan ForgetAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Between two looks at a node that others suspect and that has answered.</summary>
    public TimeSpan HintInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Nodes without a session that are dialed at once because others suspect them.</summary>
    public int MaxInquiries { get; init; } = 64;

    /// <summary>Probes that are made for others at once.</summary>
    public int MaxHelp { get; init; } = 256;
}
