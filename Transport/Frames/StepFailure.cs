using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Transport.Frames;

/// <summary>
/// Why a step was not computed. It goes on through the stages all the same, so that each does the step's operations, and the head gets an
/// answer for each step, in order.
/// </summary>
/// <param name="Stage">The index of the stage that failed, or that heard of the cancellation first.</param>
/// <param name="Code">Of the error: <see cref="SwarmException.Code"/>; or <see cref="Cancelled"/>.</param>
/// <param name="Text">In one line.</param>
internal sealed record StepFailure(int Stage, string Code, string Text)
{
    public const int MaxCodeBytes = 64;
    public const int MaxTextBytes = 1024;

    /// <summary>The head has asked for it.</summary>
    public const string Cancelled = "cancelled";

    public bool IsCancellation => Code == Cancelled;

    public static StepFailure CancelledAt(int stage) => new(stage, Cancelled, "the step was cancelled");

    /// <summary>As it may be sent, and shown.</summary>
    public StepFailure Fit() => new(Stage, ShownText.Fit(Code, MaxCodeBytes), ShownText.Fit(Text, MaxTextBytes));
}
