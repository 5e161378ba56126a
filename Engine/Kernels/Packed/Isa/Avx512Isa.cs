using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Vector = System.Runtime.Intrinsics.Vector512<byte>;

namespace ManagedSwarm.Engine.Kernels.Packed.Isa;

/// <summary>AVX-512 with byte and word instructions: 16 rows per vector, 32 registers.</summary>
internal readonly unsafe struct Avx512Isa : IIsa<Vector>
{
    public static bool IsSupported => Vector512.IsHardwareAccelerated && Avx512BW.IsSupported;

    public static int Lanes => 16;

    public static int MaxColumns => 8;

    public static bool TakesBytes => false;

    public static Vector Zero => Vector.Zero;

    public static Vector Load(void* source) => Vector512.Load((byte*)source);

    public static void Store(void* destination, Vector value) => value.Store((byte*)destination);

    public static Vector Broadcast(void* source) => Vector512.Create(*(int*)source).AsByte();

    public static Vector CreateByte(byte value) => Vector512.Create(value);

    public static Vector CreateInt16(short value) => Vector512.Create(value).AsByte();

    public static Vector And(Vector a, Vector b) => a & b;

    public static Vector Or(Vector a, Vector b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector ShiftRight(Vector value, [ConstantExpected] byte count) => Avx512BW.ShiftRightLogical(value.AsUInt16(), count).AsByte();

    public static Vector ShiftRightBy(Vector value, int count) =>
        Avx512BW.ShiftRightLogical(value.AsUInt16(), Vector128.CreateScalarUnsafe((long)count).AsUInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector ShiftLeft(Vector value, [ConstantExpected] byte count) => Avx512BW.ShiftLeftLogical(value.AsUInt16(), count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector ShiftRightSigned(Vector value, [ConstantExpected] byte count) =>
        Avx512BW.ShiftRightArithmetic(value.AsInt16(), count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector ShiftLeftInt32(Vector value, [ConstantExpected] byte count) => Avx512F.ShiftLeftLogical(value.AsInt32(), count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector Shuffle(Vector value, byte* indices) =>
        Avx512BW.Shuffle(value, Avx512F.BroadcastVector128ToVector512((uint*)indices).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector LookUp(sbyte* levels, Vector codes) =>
        Avx512BW.Shuffle(Avx512F.BroadcastVector128ToVector512((uint*)levels).AsByte(), codes);

    public static Vector AddInt32(Vector a, Vector b) => (a.AsInt32() + b.AsInt32()).AsByte();

    public static Vector SubtractInt32(Vector a, Vector b) => (a.AsInt32() - b.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector MultiplyAddInt16(Vector sum, Vector a, Vector b) =>
        (sum.AsInt32() + Avx512BW.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16())).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector Dot(Vector partial, Vector codes, Vector activations) =>
        (partial.AsInt16() + Avx512BW.MultiplyAddAdjacent(codes, activations.AsSByte())).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector Fold(Vector total, Vector partial, Vector scales) => MultiplyAddInt16(total, partial, scales);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector FoldInt32(Vector total, Vector value, Vector scales) =>
        (total.AsInt32() + (value.AsInt32() * Vector512.ShiftRightArithmetic(scales.AsInt32(), 16))).AsByte();

    public static Vector ToSingle(Vector value) => Vector512.ConvertToSingle(value.AsInt32()).AsByte();

    public static Vector Multiply(Vector a, Vector b) => (a.AsSingle() * b.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector MultiplyAdd(Vector a, Vector b, Vector c) => Vector512.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).AsByte();

    public static Vector Negate(Vector value) => (-value.AsSingle()).AsByte();

    /// <summary>A subnormal half is made without subnormal floats, which many CPUs handle slowly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector LoadHalf(void* source)
    {
        var bits = Avx512F.ConvertToVector512UInt32(Vector256.Load((ushort*)source));
        var magnitude = Vector512.ShiftLeft(bits & Vector512.Create(0x7FFFu), 13);
        var normal = magnitude + Vector512.Create(112u << 23);
        var subnormal = ((magnitude + Vector512.Create(113u << 23)).AsSingle() - Vector512.Create(113u << 23).AsSingle()).AsUInt32();
        var isSubnormal = Vector512.LessThan(magnitude, Vector512.Create(1u << 23));
        var sign = Vector512.ShiftLeft(bits & Vector512.Create(0x8000u), 16);
        return (Vector512.ConditionalSelect(isSubnormal, subnormal, normal) | sign).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector LoadBFloat16(void* source) =>
        Vector512.ShiftLeft(Avx512F.ConvertToVector512UInt32(Vector256.Load((ushort*)source)), 16).AsByte();
}
