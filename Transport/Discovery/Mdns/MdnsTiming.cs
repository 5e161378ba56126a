namespace ManagedSwarm.Transport.Discovery.Mdns;

/// <summary>When mDNS asks and answers: RFC 6762's numbers, but for the longest interval, which it lets be an hour.</summary>
public sealed record MdnsTiming
{
    /// <summary>The first question and every answer wait for this long at least, so that not all speak at once (§5.2, §6).</summary>
    public TimeSpan ShortestDelay { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>And for this long at most.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromMilliseconds(120);

    /// <summary>Between the first two questions. It doubles with each.</summary>
    public TimeSpan FirstInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Between questions in the long run. A random part of up to a quarter is added.</summary>
    public TimeSpan LongestInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Between two answers to all (§6).</summary>
    public TimeSpan AnswerInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long an answer may be believed.</summary>
    public TimeSpan TimeToLive { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>The same for programs that don't speak multicast DNS, and so would not hear that it is over (§6.7).</summary>
    public TimeSpan LegacyTimeToLive { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often it is looked which network interfaces there are.</summary>
    public TimeSpan LookInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For saying goodbye.</summary>
    public TimeSpan GoodbyeTimeout { get; init; } = TimeSpan.FromSeconds(1);
}
