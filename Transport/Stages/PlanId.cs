using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace ManagedSwarm.Transport.Stages;

/// <summary>A plan's name: 16 random bytes that its head draws, and that only its stages hear of.</summary>
public readonly record struct PlanId(UInt128 Value)
{
    internal const int Bytes = 16;

    /// <summary>Another one than any before.</summary>
    public static PlanId Create()
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        RandomNumberGenerator.Fill(bytes);
        return FromBytes(bytes);
    }

    /// <summary>32 hex digits.</summary>
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);

    internal static PlanId FromBytes(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128BigEndian(bytes));

    internal void WriteTo(Span<byte> bytes) => BinaryPrimitives.WriteUInt128BigEndian(bytes, Value);
}
