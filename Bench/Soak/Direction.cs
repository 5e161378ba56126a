using ManagedSwarm.Transport;

namespace ManagedSwarm.Bench.Soak;

/// <summary>One direction of a stream: what was sent, and what came of it.</summary>
/// <param name="seed">Determines the bytes.</param>
/// <param name="length">How many there are to send.</param>
internal sealed class Direction(ulong seed, int length) : IDisposable
{
    private const int Piece = 64 * 1024;

    /// <summary>Bytes to send.</summary>
    public int Length => length;

    /// <summary>What its sender gave away; maybe not all of it has gone.</summary>
    public Digest Sent { get; } = new();

    /// <summary>What its receiver has read.</summary>
    public Digest Received { get; } = new();

    /// <summary>Whether the receiver was told that this is all.</summary>
    public bool IsEnded { get; set; }

    /// <summary>What the receiver was told instead.</summary>
    public SwarmException? ReadError { get; set; }

    /// <summary>The bytes to send, from the first on.</summary>
    public ContentBytes CreateContent() => new(seed);

    /// <summary>Compares both ends.</summary>
    /// <returns>What is wrong; null: nothing.</returns>
    public string? Compare()
    {
        if (IsEnded && (Sent.Count != length || Received.Count != length || !Sent.Hash().AsSpan().SequenceEqual(Received.Hash())))
        {
            return $"ended well with {Received.Count} bytes received, {Sent.Count} sent and {length} meant, or their hashes differ";
        }

        return Received.Count <= Sent.Count && HashOfFirst(Received.Count).AsSpan().SequenceEqual(Received.Hash())
            ? null
            : $"the {Received.Count} bytes received are not the first ones of the {Sent.Count} sent";
    }

    public void Dispose()
    {
        Sent.Dispose();
        Received.Dispose();
    }

    private byte[] HashOfFirst(int count)
    {
        using var digest = new Digest();
        var content = CreateContent();
        var buffer = new byte[Math.Min(count, Piece)];
        while (digest.Count < count)
        {
            var piece = buffer.AsSpan(0, Math.Min(buffer.Length, count - digest.Count));
            content.Next(piece);
            digest.Add(piece);
        }

        return digest.Hash();
    }
}
