namespace ManagedSwarm.Bench.Federation;

/// <summary>How a reply ended.</summary>
internal enum ReplyEnd
{
    /// <summary>All of it is there, and as it should be.</summary>
    Whole,

    /// <summary>Not a byte of it came, or a status that says so.</summary>
    Refused,

    /// <summary>It broke off with an error event.</summary>
    ErrorEvent,

    /// <summary>It broke off without a word, or says something else than it should.</summary>
    Broken,
}

/// <summary>What became of a request.</summary>
/// <param name="End">How it ended.</param>
/// <param name="First">Seconds until its first token, or until all of it where it does not stream.</param>
/// <param name="Prompt">The prompt's tokens.</param>
/// <param name="Cached">Those that were cached.</param>
internal sealed record MockReply(ReplyEnd End, double First = double.NaN, int Prompt = 0, int Cached = 0);
