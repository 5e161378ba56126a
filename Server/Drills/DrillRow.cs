namespace ManagedSwarm.Server.Drills;

/// <summary>What came of an action.</summary>
/// <param name="Action">What was done.</param>
/// <param name="Skipped">Why it was not; null: it was.</param>
internal sealed record DrillRow(DrillAction Action, string? Skipped = null)
{
    /// <summary>Tokens of prompt and reply that the stages had, or were about to have, when the fault came.</summary>
    public int ContextTokens { get; init; }

    /// <summary>Who had the layers when the fault came.</summary>
    public IReadOnlyList<string> From { get; init; } = [];

    /// <summary>Who had them when the reply was over.</summary>
    public IReadOnlyList<string> To { get; init; } = [];

    /// <summary>From when the fault was begun (a reset takes some commands of the system) until the head said that a stage is lost; null: it never did.</summary>
    public TimeSpan? Detected { get; init; }

    /// <summary>The longest wait for a token behind the fault, detection included; of a prompt, the wait for the first token may be it.</summary>
    public TimeSpan? Pause { get; init; }

    /// <summary>The same where nothing happens: the middle of all waits for a token; of a prompt, the wait for the first one.</summary>
    public TimeSpan? Usual { get; init; }

    /// <summary>Tokens that whoever took the layers had to be told; 0: nobody had to.</summary>
    public int Rebuilt { get; init; }

    /// <summary>Bytes that the nodes that live have received from the fault on, more than without it; null: it could not be measured.</summary>
    public long? MovedBytes { get; init; }

    /// <summary>Whether the reply was the same as without the fault.</summary>
    public bool IsSame { get; init; }

    /// <summary>Whether the next reply was.</summary>
    public bool IsSameAfterwards { get; init; }

    /// <summary>What went wrong, in words; null: nothing.</summary>
    public string? Error { get; init; }

    public bool IsFine => Skipped is not null || (IsSame && IsSameAfterwards);
}
