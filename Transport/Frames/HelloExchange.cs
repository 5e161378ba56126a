namespace ManagedSwarm.Transport.Frames;

/// <summary>Both sides of a stream say hello at once and then listen: neither waits for the other to begin.</summary>
internal static class HelloExchange
{
    /// <returns>What the other side said; it fits.</returns>
    /// <exception cref="SwarmException">
    /// <c>version_mismatch</c>, <c>stream_closed</c>: it said nothing; and what <see cref="FrameReader"/> and <see cref="Hello.Read"/>
    /// throw.
    /// </exception>
    public static async Task<Hello> RunAsync(FrameReader reader, FrameWriter writer, Hello mine, CancellationToken cancellationToken)
    {
        mine.Write(writer);
        await writer.FlushAsync(cancellationToken);
        var frame = await reader.ReadAsync(FrameLimits.Hello, cancellationToken);
        if (frame.IsEmpty)
        {
            throw new SwarmException(
                "stream_closed",
                $"the peer closed the stream instead of saying hello for the protocol \"{mine.Protocol}\"");
        }

        try
        {
            var theirs = Hello.Read(frame);
            mine.RequireFits(theirs);
            return theirs;
        }
        finally
        {
            reader.Advance();
        }
    }
}
