using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Isa;
using ManagedSwarm.Gguf.Blocks;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary><see cref="BlockIQ4_NL"/>.</summary>
internal readonly unsafe struct PackedIQ4_NL : IPackedFormat
{
    public static int BlockLength => 32;

    public static int CodeVectors => CodesNonLinear4.Vectors;

    public static bool IsSigned => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Code<TIsa, TVector>(byte* codes, int quad, TVector high, int index)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => CodesNonLinear4.Code<TIsa, TVector>(codes, quad, index);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* block, UnpackedBlock* unpacked)
    {
        var source = (BlockIQ4_NL*)block;
        unpacked->D = source->D;
        Nibbles.Split((byte*)&source->Qs, unpacked->Codes, unpacked->Codes + 16, 16);
    }

    public static void PackCodes(uint* codes, byte* lane, int vectorBytes) => Codes4.Pack(codes, lane, vectorBytes);
}
