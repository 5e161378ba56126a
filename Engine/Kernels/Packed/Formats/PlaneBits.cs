using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary>Bits of codes that lie apart from the others: 16 codes at a time.</summary>
internal static unsafe class PlaneBits
{
    /// <summary>Bit <paramref name="bit"/> of each of 16 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> One(byte* source, int bit) =>
        Vector128.ShiftRightLogical(Vector128.Load(source), bit) & Vector128.Create((byte)1);

    /// <summary>Bits <paramref name="bit"/> and <paramref name="bit"/> + 1 of each of 16 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Two(byte* source, int bit) =>
        Vector128.ShiftRightLogical(Vector128.Load(source), bit) & Vector128.Create((byte)3);

    /// <summary>Adds fifth bits to codes.</summary>
    /// <param name="bits">Of code i in bit i.</param>
    /// <param name="codes">(32)</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddFifth(byte* bits, byte* codes)
    {
        for (var half = 0; half < 2; half++, codes += 16, bits += 2)
        {
            var bytes = Vector128.Create(bits[0] * 0x0101010101010101ul, bits[1] * 0x0101010101010101ul).AsByte();
            var masks = Vector128.Create(0x8040201008040201ul).AsByte();
            (Vector128.Load(codes) | (Vector128.Equals(bytes & masks, masks) & Vector128.Create((byte)0x10))).Store(codes);
        }
    }
}
