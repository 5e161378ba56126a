namespace ManagedSwarm.Transport.Libp2p.Sessions;

internal static class MuxStreamReading
{
    /// <summary>Fills a buffer as far as the stream goes.</summary>
    /// <returns>How many bytes; fewer than the buffer has: the other side has closed its direction.</returns>
    /// <exception cref="SwarmException"><c>stream_reset</c></exception>
    public static async ValueTask<int> ReadFullyAsync(this IMuxStream stream, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        for (var count = 0; ; )
        {
            var read = count < buffer.Length ? await stream.ReadAsync(buffer[count..], cancellationToken) : 0;
            if (read == 0)
            {
                return count;
            }

            count += read;
        }
    }
}
