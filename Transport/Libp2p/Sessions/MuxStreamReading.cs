namespace ManagedSwarm.Transport.Libp2p.Sessions;

internal static class MuxStreamReading
{
    /// <summary>Fills a buffer as far as the stream goes.</summary>
    /// <returns>How many bytes; fewer than the buffer has: the other side has closed its direction.</returns>
    /// <exception cref="SwarmException"><c>stream_reset</c></exception>
    public static async ValueTask<int> ReadFullyAsync(this IMuxStream stream, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var count = 0;
        while (count < buffer.Length)
        {
            var read = await stream.ReadAsync(buffer[count..], cancellationToken);
            if (read == 0)
            {
                break;
            }

            count += read;
        }

        return count;
    }
}
