using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary>Bytes to their halves.</summary>
internal static unsafe class Nibbles
{
    /// <param name="source">(count)</param>
    /// <param name="low">(count): the lower four bits.</param>
    /// <param name="high">(count): the upper four bits.</param>
    /// <param name="count">A multiple of 16.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Split(byte* source, byte* low, byte* high, int count)
    {
        for (var i = 0; i < count; i += 16)
        {
            var bytes = Vector128.Load(source + i);
            (bytes & Vector128.Create((byte)0xF)).Store(low + i);
            Vector128.ShiftRightLogical(bytes, 4).Store(high + i);
        }
    }
}
