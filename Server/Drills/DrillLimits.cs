namespace ManagedSwarm.Server.Drills;

/// <summary>How long a drill waits for what, at most: enough for busy machines.</summary>
internal sealed record DrillLimits
{
    /// <summary>From a worker's start until it is a member.</summary>
    public TimeSpan Join { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>From the head's start until all layers are loaded.</summary>
    public TimeSpan Load { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>From one token to the next, and to the first: more than layers of a lost worker may be nobody's, and a long prompt beside.</summary>
    public TimeSpan Token { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Until a node has answered a question about itself.</summary>
    public TimeSpan Answer { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Until a worker that was hit is a member again, with nothing to do; else the drill begins anew.</summary>
    public TimeSpan Return { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Between two looks at whether it is.</summary>
    public TimeSpan Look { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>From SIGTERM until the worker's process has ended.</summary>
    public TimeSpan Leave { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>For a command of the system, such as <c>kill</c>.</summary>
    public TimeSpan Command { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a slow worker is stopped, each time: less than what makes it suspect.</summary>
    public TimeSpan SlowStopped { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>How long it runs in between.</summary>
    public TimeSpan SlowRunning { get; init; } = TimeSpan.FromMilliseconds(100);
}
