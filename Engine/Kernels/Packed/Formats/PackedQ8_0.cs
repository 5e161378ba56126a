using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Isa;
using ManagedSwarm.Gguf.Blocks;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary><see cref="BlockQ8_0"/>.</summary>
internal readonly unsafe struct PackedQ8_0 : IPackedFormat
{
    public static int BlockLength => 32;

    public static int CodeVectors => Codes8.Vectors;

    public static bool IsSigned => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Code<TIsa, TVector>(byte* codes, int quad, TVector high, int index)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => Codes8.Code<TIsa, TVector>(codes, quad, index);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* block, UnpackedBlock* unpacked)
    {
        var source = (BlockQ8_0*)block;
        unpacked->D = source->D;
        new ReadOnlySpan<byte>(&source->Qs, 32).CopyTo(new Span<byte>(unpacked->Codes, 32));
    }

    public static void PackCodes(uint* codes, byte* lane, int vectorBytes) => Codes8.Pack(codes, lane, vectorBytes);
}
