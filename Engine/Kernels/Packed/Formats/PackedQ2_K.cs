using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Isa;
using ManagedSwarm.Gguf.Blocks;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary><see cref="BlockQ2_K"/>, scale and minimum in one byte as there.</summary>
internal readonly unsafe struct PackedQ2_K : IPackedFormat
{
    public static int BlockLength => 256;

    public static int CodeVectors => Codes2.Vectors;

    public static int DotsPerFold => 4;

    public static int ScaleLength => 16;

    public static int ScaleVectors => 4;

    public static bool HasMinimums => true;

    public static bool SharesScales => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Code<TIsa, TVector>(byte* codes, int quad, TVector high, int index)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => Codes2.Code<TIsa, TVector>(codes, quad, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Scale<TIsa, TVector>(byte* scales, int subBlock)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => TIsa.And(ByteScales.Unsigned<TIsa, TVector>(scales, subBlock), TIsa.CreateInt16(0xF));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Pair<TIsa, TVector>(byte* scales, int pair)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => TIsa.ShiftRight(ByteScales.UnsignedPair<TIsa, TVector>(scales, pair), 4);

    public static void Unpack(byte* block, UnpackedBlock* unpacked)
    {
        var source = (BlockQ2_K*)block;
        (unpacked->D, unpacked->Minimum) = (source->D, source->DMin);
        for (var sub = 0; sub < 16; sub++)
        {
            unpacked->Scales[sub] = source->Scales[sub];
        }

        for (var i = 0; i < 256; i++)
        {
            unpacked->Codes[i] = (byte)((source->Qs[(i / 128 * 32) + (i % 32)] >> (i % 128 / 32 * 2)) & 3);
        }
    }

    public static void PackCodes(uint* codes, byte* lane, int vectorBytes) => Codes2.Pack(codes, lane, vectorBytes);
}
