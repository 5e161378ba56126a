using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Vector = System.Runtime.Intrinsics.Vector128<byte>;

namespace ManagedSwarm.Engine.Kernels.Packed.Isa;

/// <summary>Every CPU: 4 rows per vector.</summary>
/// <typeparam name="TDot">How it multiplies integers.</typeparam>
internal readonly unsafe struct Vector128Isa<TDot> : IIsa<Vector>
    where TDot : struct, IDot<Vector>
{
    public static int Lanes => 4;

    /// <summary>ARM64 has 32 registers, others have 16.</summary>
    public static int MaxColumns => AdvSimd.Arm64.IsSupported ? 8 : 4;

    public static bool TakesBytes => TDot.TakesBytes;

    public static Vector Zero => Vector.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector Load(void* source) => Vector128.Load((byte*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(void* destination, Vector value) => value.Store((byte*)destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector Broadcast(void* source) => Vector128.Create(*(int*)source).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector CreateByte(byte value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector CreateInt16(short value) => Vector128.Create(value).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector And(Vector a, Vector b) => a & b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector Or(Vector a, Vector b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector ShiftRight(Vector value, [ConstantExpected] byte count) => Vector128.ShiftRightLogical(value.AsUInt16(), count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector ShiftRightBy(Vector value, int count) => Vector128.ShiftRightLogical(value.AsUInt16(), count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector ShiftLeft(Vector value, [ConstantExpected] byte count) => Vector128.ShiftLeft(value.AsUInt16(), count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector ShiftRightSigned(Vector value, [ConstantExpected] byte count) =>
        Vector128.ShiftRightArithmetic(value.AsInt16(), count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector ShiftLeftInt32(Vector value, [ConstantExpected] byte count) => Vector128.ShiftLeft(value.AsInt32(), count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector Shuffle(Vector value, byte* indices)
    {
        if (Ssse3.IsSupported)
        {
            return Ssse3.Shuffle(value, Vector128.Load(indices));
        }

        return AdvSimd.Arm64.IsSupported
            ? AdvSimd.Arm64.VectorTableLookup(value, Vector128.Load(indices))
            : Vector128.Shuffle(value, Vector128.Load(indices));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector LookUp(sbyte* levels, Vector codes)
    {
        if (Ssse3.IsSupported)
        {
            return Ssse3.Shuffle(Vector128.Load((byte*)levels), codes);
        }

        return AdvSimd.Arm64.IsSupported
            ? AdvSimd.Arm64.VectorTableLookup(Vector128.Load((byte*)levels), codes)
            : Vector128.Shuffle(Vector128.Load((byte*)levels), codes);
    }

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
    public static Vector ToSingle(Vector value) => Vector128.ConvertToSingle(value.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector Multiply(Vector a, Vector b) => (a.AsSingle() * b.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector MultiplyAdd(Vector a, Vector b, Vector c) => Vector128.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector Negate(Vector value) => (-value.AsSingle()).AsByte();

    /// <summary>A subnormal half is made without subnormal floats, which many CPUs handle slowly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector LoadHalf(void* source)
    {
        var bits = Widen(source);
        var magnitude = Vector128.ShiftLeft(bits & Vector128.Create(0x7FFFu), 13);
        var normal = magnitude + Vector128.Create(112u << 23);
        var subnormal = ((magnitude + Vector128.Create(113u << 23)).AsSingle() - Vector128.Create(113u << 23).AsSingle()).AsUInt32();
        var isSubnormal = Vector128.LessThan(magnitude, Vector128.Create(1u << 23));
        var sign = Vector128.ShiftLeft(bits & Vector128.Create(0x8000u), 16);
        return (Vector128.ConditionalSelect(isSubnormal, subnormal, normal) | sign).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector LoadBFloat16(void* source) => Vector128.ShiftLeft(Widen(source), 16).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Widen(void* source) => Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(ulong*)source).AsUInt16());
}
