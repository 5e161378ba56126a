using ManagedSwarm.Transport;

namespace ManagedSwarm.Bench.Soak;

/// <summary>A stream's plan and what came of it. Each end writes its own half; it is judged when both are over.</summary>
internal sealed class SoakStream : IDisposable
{
    private readonly List<Exception> _errors = [];

    /// <param name="seed">The run's.</param>
    public SoakStream(StreamPlan plan, int seed)
    {
        Plan = plan;
        var number = ((ulong)(uint)seed << 32) | (uint)plan.Id;
        (Outward, Inward) = (new(number << 1, plan.Outward), new((number << 1) | 1, plan.Inward));
    }

    public StreamPlan Plan { get; }

    /// <summary>From the end that opened it.</summary>
    public Direction Outward { get; }

    /// <summary>From the end that accepted it.</summary>
    public Direction Inward { get; }

    /// <summary>Whether the other end ever saw it.</summary>
    public bool IsAccepted { get; set; }

    /// <summary>An end has failed, maybe because it was meant to.</summary>
    public void Fail(Exception error)
    {
        lock (_errors)
        {
            _errors.Add(error);
        }
    }

    /// <param name="isCalm">Whether no session was cut while it was open.</param>
    /// <returns>What is wrong.</returns>
    public IEnumerable<string> Judge(bool isCalm)
    {
        var problems = _errors.Where(error => !IsAllowed(error, isCalm)).Select(error => error is OperationCanceledException ? "hangs" : $"{error}")
            .Concat([Named("outward", Outward.Compare()), Named("inward", Inward.Compare()), isCalm ? JudgeEnding() : null]);
        return problems.OfType<string>().Select(problem => $"stream {Plan}: {problem}");
    }

    public void Dispose()
    {
        Outward.Dispose();
        Inward.Dispose();
    }

    /// <summary>Where nobody cuts sessions, a stream ends as it was planned.</summary>
    private string? JudgeEnding() => Plan.Ending switch
    {
        StreamEnding.Closed => Outward.IsEnded && Inward.IsEnded ? null : "did not come to its end",
        StreamEnding.ResetByOpener => !IsAccepted || IsReset(Outward) ? null : "the accepting end was not told of the reset",
        _ => IsReset(Inward) ? null : "the opening end was not told of the reset",
    };

    private bool IsAllowed(Exception error, bool isCalm) => error is SwarmException swarm && (isCalm
        ? Plan.Ending != StreamEnding.Closed && swarm.Code == "stream_reset"
        : swarm.Code is "stream_reset" or "session_closed" or "connection_lost" or "handshake_failed" or "too_many_connections");

    private static bool IsReset(Direction direction) => direction.ReadError is { Code: "stream_reset" };

    private static string? Named(string direction, string? problem) => problem is null ? null : $"{direction}: {problem}";
}
