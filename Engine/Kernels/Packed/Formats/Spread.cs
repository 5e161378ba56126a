using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary>Indices that make 16-bit elements of the four bytes of each lane.</summary>
internal static unsafe class Spread
{
    /// <summary>Byte <paramref name="index"/> of each lane, twice: in the lower halves of 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Twice(int index) => At(TwiceTable, index);

    /// <summary>Byte <paramref name="index"/> of each lane, twice: in the upper halves of 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* TwiceHigh(int index) => At(TwiceHighTable, index);

    /// <summary>Bytes 0 and 1, or 2 and 3, of each lane: in the lower halves of 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Pair(int index) => At(PairTable, index);

    /// <summary>Bytes 0 and 1, or 2 and 3, of each lane: in the upper halves of 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* PairHigh(int index) => At(PairHighTable, index);

    private static ReadOnlySpan<byte> TwiceTable =>
    [
        0, 128, 0, 128, 4, 128, 4, 128, 8, 128, 8, 128, 12, 128, 12, 128,
        1, 128, 1, 128, 5, 128, 5, 128, 9, 128, 9, 128, 13, 128, 13, 128,
        2, 128, 2, 128, 6, 128, 6, 128, 10, 128, 10, 128, 14, 128, 14, 128,
        3, 128, 3, 128, 7, 128, 7, 128, 11, 128, 11, 128, 15, 128, 15, 128,
    ];

    private static ReadOnlySpan<byte> TwiceHighTable =>
    [
        128, 0, 128, 0, 128, 4, 128, 4, 128, 8, 128, 8, 128, 12, 128, 12,
        128, 1, 128, 1, 128, 5, 128, 5, 128, 9, 128, 9, 128, 13, 128, 13,
        128, 2, 128, 2, 128, 6, 128, 6, 128, 10, 128, 10, 128, 14, 128, 14,
        128, 3, 128, 3, 128, 7, 128, 7, 128, 11, 128, 11, 128, 15, 128, 15,
    ];

    private static ReadOnlySpan<byte> PairTable =>
    [
        0, 128, 1, 128, 4, 128, 5, 128, 8, 128, 9, 128, 12, 128, 13, 128,
        2, 128, 3, 128, 6, 128, 7, 128, 10, 128, 11, 128, 14, 128, 15, 128,
    ];

    private static ReadOnlySpan<byte> PairHighTable =>
    [
        128, 0, 128, 1, 128, 4, 128, 5, 128, 8, 128, 9, 128, 12, 128, 13,
        128, 2, 128, 3, 128, 6, 128, 7, 128, 10, 128, 11, 128, 14, 128, 15,
    ];

    // The tables are data of the assembly: they do not move.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* At(ReadOnlySpan<byte> table, int index) => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(table)) + (index * 16);
}
