using System.Buffers.Binary;

namespace ManagedSwarm.Bench.Soak;

/// <summary>
/// Bytes without end that a seed determines, each eight of them by their place (SplitMix64, https://prng.di.unimi.it/splitmix64.c): a byte
/// that is lost, doubled or moved is noticed.
/// </summary>
internal sealed class ContentBytes(ulong seed)
{
    private ulong _position;

    /// <summary>Fills a buffer with what comes next.</summary>
    public void Next(Span<byte> destination)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        while (!destination.IsEmpty)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, WordAt(_position / sizeof(ulong)));
            var rest = word[(int)(_position % sizeof(ulong))..];
            var count = Math.Min(rest.Length, destination.Length);
            rest[..count].CopyTo(destination);
            destination = destination[count..];
            _position += (ulong)count;
        }
    }

    private ulong WordAt(ulong index)
    {
        var word = seed + ((index + 1) * 0x9E3779B97F4A7C15);
        word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9;
        word = (word ^ (word >> 27)) * 0x94D049BB133111EB;
        return word ^ (word >> 31);
    }
}
