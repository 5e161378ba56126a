namespace ManagedSwarm.Transport.Libp2p.Yamux;

/// <summary>The multiplexer's errors.</summary>
internal static class YamuxErrors
{
    /// <summary>The other side has done what it must not.</summary>
    /// <param name="what">For example "the version of a frame".</param>
    public static SwarmException Violation(string what, long found, string allowed) =>
        new("protocol_violation", $"yamux: {what} is {found}; allowed: {allowed}");

    /// <param name="cause">How the stream ended.</param>
    public static SwarmException StreamReset(uint id, string cause, Exception? inner) =>
        new("stream_reset", $"stream {id} was reset: {cause}", inner);

    public static SwarmException SessionClosed(string how, Exception? inner = null) =>
        new("session_closed", $"the session is closed: {how}", inner);

    /// <summary>What is asked of a session that has ended.</summary>
    public static SwarmException SessionClosed(SwarmException reason) => new("session_closed", reason.Message, reason);

    public static SwarmException TooManyStreams(string what, long found, long allowed) =>
        new("too_many_streams", $"{what}: {found}; allowed are {allowed}");

    public static SwarmException KeepAliveTimeout(TimeSpan allowed) =>
        new("keep_alive_timeout", $"no answer to a ping came within {allowed.TotalSeconds} s");
}
