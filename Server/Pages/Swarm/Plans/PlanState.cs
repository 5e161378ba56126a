namespace ManagedSwarm.Server.Pages.Swarm.Plans;

/// <summary>Strategies side by side.</summary>
/// <param name="Problem">What is planned, in words.</param>
/// <param name="Requests">Requests at once that throughput is about.</param>
/// <param name="PromptTokens">Of the prompt that first tokens are about.</param>
/// <param name="Note">What else one should know; null: nothing.</param>
/// <param name="Plans">By strategy.</param>
public sealed record PlanState(string Problem, int Requests, int PromptTokens, string? Note, EqualList<PlanCard> Plans)
{
    /// <summary>There is none.</summary>
    public static PlanState None(string why) => new("", 0, 0, why, []);
}

/// <summary>What one strategy makes of it. Times are milliseconds; null: it cannot, or it has not run.</summary>
/// <param name="Error">Why it cannot; null: it can.</param>
/// <param name="IsEstimated">Whether times of layers were not measured.</param>
/// <param name="MeasuredMs">Per token, at the last run of this very plan.</param>
/// <param name="MeasuredError">How much longer than predicted that was, as a part of it.</param>
/// <param name="FirstMeasuredMs">To the first token, at that run.</param>
/// <param name="FirstError">How much longer than predicted that was.</param>
public sealed record PlanCard(
    string Strategy,
    EqualList<PlanStage> Stages,
    string? Error,
    double? PerTokenMs,
    double? FirstTokenMs,
    double? TokensPerSecond,
    bool IsEstimated,
    double? MeasuredMs,
    double? MeasuredError,
    double? FirstMeasuredMs,
    double? FirstError);

/// <param name="Needed">Bytes that it takes there.</param>
/// <param name="Free">Bytes that are free there.</param>
public sealed record PlanStage(string Node, int First, int End, long Needed, long Free);
