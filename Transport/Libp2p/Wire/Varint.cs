using System.Buffers;

namespace ManagedSwarm.Transport.Libp2p.Wire;

/// <summary>
/// Unsigned numbers in groups of 7 bits, lowest first, the high bit of a byte set where another follows
/// (<see href="https://github.com/multiformats/unsigned-varint">unsigned-varint</see>): at most 63 bits, and only the shortest form.
/// </summary>
internal static class Varint
{
    /// <summary>Bytes of the longest one.</summary>
    public const int MaxBytes = 9;

    /// <summary>What <see cref="MaxBytes"/> can hold: 63 bits.</summary>
    public const ulong MaxValue = long.MaxValue;

    /// <summary>How many bytes a number takes.</summary>
    public static int LengthOf(ulong value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxValue);
        var length = 1;
        for (; value >= 0x80; value >>= 7)
        {
            length++;
        }

        return length;
    }

    /// <summary>Writes a number.</summary>
    /// <param name="destination">At least <see cref="LengthOf"/> bytes.</param>
    /// <param name="value">At most <see cref="MaxValue"/>.</param>
    /// <returns>How many bytes it took.</returns>
    public static int Write(Span<byte> destination, ulong value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxValue);
        var length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            destination[length++] = (byte)(value | 0x80);
        }

        destination[length++] = (byte)value;
        return length;
    }

    /// <inheritdoc cref="Write(Span{byte}, ulong)"/>
    public static int Write(IBufferWriter<byte> output, ulong value)
    {
        var length = Write(output.GetSpan(MaxBytes), value);
        output.Advance(length);
        return length;
    }

    /// <summary>Reads the number that bytes begin with.</summary>
    /// <param name="source">May hold more than the number, or not yet all of it.</param>
    /// <param name="value">The number; 0 where there is none.</param>
    /// <param name="length">How many bytes it takes; 0 where there is none.</param>
    /// <returns>
    /// <see cref="OperationStatus.Done"/>, <see cref="OperationStatus.NeedMoreData"/>, or <see cref="OperationStatus.InvalidData"/>: it is
    /// longer than <see cref="MaxBytes"/>, or not in its shortest form.
    /// </returns>
    public static OperationStatus TryRead(ReadOnlySpan<byte> source, out ulong value, out int length)
    {
        (value, length) = (0, 0);
        var bits = 0UL;
        for (var i = 0; i < Math.Min(source.Length, MaxBytes); i++)
        {
            bits |= (ulong)(source[i] & 0x7F) << (7 * i);
            if (source[i] == 0 && i > 0)
            {
                return OperationStatus.InvalidData;
            }

            if (source[i] < 0x80)
            {
                (value, length) = (bits, i + 1);
                return OperationStatus.Done;
            }
        }

        return source.Length < MaxBytes ? OperationStatus.NeedMoreData : OperationStatus.InvalidData;
    }

    /// <inheritdoc cref="TryRead(ReadOnlySpan{byte}, out ulong, out int)"/>
    public static OperationStatus TryRead(in ReadOnlySequence<byte> source, out ulong value, out int length)
    {
        if (source.IsSingleSegment || source.FirstSpan.Length >= MaxBytes)
        {
            return TryRead(source.FirstSpan, out value, out length);
        }

        Span<byte> start = stackalloc byte[(int)Math.Min(source.Length, MaxBytes)];
        source.Slice(0, start.Length).CopyTo(start);
        return TryRead(start, out value, out length);
    }
}
