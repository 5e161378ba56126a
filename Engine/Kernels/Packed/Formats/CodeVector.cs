using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Isa;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary>
/// Where a group's vectors of codes lie in a chunk: those of both groups by turns, in the order in which a tile reads them. A CPU fetches
/// ahead only what is read in one sweep; with the groups one behind the other, memory gave a fifth of what it can.
/// </summary>
internal static unsafe class CodeVector
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TIsa, TVector>(byte* codes, int index)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => TIsa.Load(codes + (index * 2 * TIsa.Lanes * sizeof(int)));
}
