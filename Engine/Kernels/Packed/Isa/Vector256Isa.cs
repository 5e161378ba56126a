using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Vector = System.Runtime.Intrinsics.Vector256<byte>;

namespace ManagedSwarm.Engine.Kernels.Packed.Isa;

/// <summary>AVX2: 8 rows per vector, 16 registers.</summary>
/// <typeparam name="TDot">How it multiplies integers.</typeparam>
internal readonly unsafe struct Vector256Isa<TDot> : IIsa<Vector>
    where TDot : struct, IDot<Vector>
{
    public static int Lanes => 8;

    public static int MaxColumns => 4;

    public static bool TakesBytes => TDot.TakesBytes;

    public static Vector Zero => Vector.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector Load(void* source) => Vector256.Load((byte*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(void* destination, Vector value) => value.Store((byte*)destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector Broadcast(void* source) => Vector256.Create(*(int*)source).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector CreateByte(byte value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector CreateInt16(short value) => Vector256.Create(value).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector And(Vector a, Vector b) => a & b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector Or(Vector a, Vector b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector ShiftRight(Vector value, [ConstantExpected] byte count) => Avx2.ShiftRightLogical(value.AsUInt16(), count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector ShiftRightBy(Vector value, int count) =>
        Avx2.ShiftRightLogical(value.AsUInt16(), Vector128.CreateScalarUnsafe((long)count).AsUInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector ShiftLeft(Vector value, [ConstantExpected] byte count) => Avx2.ShiftLeftLogical(value.AsUInt16(), count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector ShiftRightSigned(Vector value, [ConstantExpected] byte count) =>
        Avx2.ShiftRightArithmetic(value.AsInt16(), count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector ShiftLeftInt32(Vector value, [ConstantExpected] byte count) => Avx2.ShiftLeftLogical(value.AsInt32(), count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector Shuffle(Vector value, byte* indices) => Avx2.Shuffle(value, Avx2.BroadcastVector128ToVector256(indices));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector LookUp(sbyte* levels, Vector codes) => Avx2.Shuffle(Avx2.BroadcastVector128ToVector256((byte*)levels), codes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector AddInt32(Vector a, Vector b) => (a.AsInt32() + b.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector SubtractInt32(Vector a, Vector b) => (a.AsInt32() - b.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector MultiplyAddInt16(Vector sum, Vector a, Vector b) => TDot.MultiplyAddInt16(sum, a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector Dot(Vector partial, Vector codes, Vector activations) => TDot.Dot(partial, codes, activations);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector Fold(Vector total, Vector partial, Vector scales) => TDot.Fold(total, partial, scales);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector FoldInt32(Vector total, Vector value, Vector scales) => Wide.Fold(total, value, scales);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector ToSingle(Vector value) => Vector256.ConvertToSingle(value.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector Multiply(Vector a, Vector b) => (a.AsSingle() * b.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector MultiplyAdd(Vector a, Vector b, Vector c) => Vector256.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector Negate(Vector value) => (-value.AsSingle()).AsByte();

    /// <summary>A subnormal half is made without subnormal floats, which many CPUs handle slowly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector LoadHalf(void* source)
    {
        var bits = Avx2.ConvertToVector256Int32((ushort*)source).AsUInt32();
        var magnitude = Vector256.ShiftLeft(bits & Vector256.Create(0x7FFFu), 13);
        var normal = magnitude + Vector256.Create(112u << 23);
        var subnormal = ((magnitude + Vector256.Create(113u << 23)).AsSingle() - Vector256.Create(113u << 23).AsSingle()).AsUInt32();
        var isSubnormal = Vector256.LessThan(magnitude, Vector256.Create(1u << 23));
        var sign = Vector256.ShiftLeft(bits & Vector256.Create(0x8000u), 16);
        return (Vector256.ConditionalSelect(isSubnormal, subnormal, normal) | sign).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector LoadBFloat16(void* source) => Vector256.ShiftLeft(Avx2.ConvertToVector256Int32((ushort*)source), 16).AsByte();
}
