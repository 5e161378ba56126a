using System.Text;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Tests.Gguf;

/// <summary>A file made by hand, field by field, so that it can be wrong.</summary>
internal sealed class GgufBytes
{
    public const int HeaderLength = 24;

    private readonly List<byte> _bytes = [];

    public int Length => _bytes.Count;

    public static GgufBytes Empty() => new();

    /// <summary>Magic, version, and the two counts.</summary>
    public static GgufBytes Header(ulong tensors, ulong pairs, uint version = 3) =>
        new GgufBytes().Raw("GGUF"u8).U32(version).U64(tensors).U64(pairs);

    public GgufBytes Raw(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public GgufBytes U32(uint value) => Raw(BitConverter.GetBytes(value));

    public GgufBytes U64(ulong value) => Raw(BitConverter.GetBytes(value));

    public GgufBytes Text(string text) => U64((ulong)Encoding.UTF8.GetByteCount(text)).Raw(Encoding.UTF8.GetBytes(text));

    /// <summary>A key and the type of its value, which must follow.</summary>
    public GgufBytes Key(string key, GgufValueType type) => Text(key).U32((uint)type);

    /// <summary>A pair of a key and a uint32.</summary>
    public GgufBytes Number(string key, uint value) => Key(key, GgufValueType.UInt32).U32(value);

    public GgufBytes Tensor(string name, uint type, ulong offset, params ulong[] dimensions)
    {
        Text(name).U32((uint)dimensions.Length);
        Array.ForEach(dimensions, size => U64(size));
        return U32(type).U64(offset);
    }

    public GgufBytes Tensor(string name, TensorType type, ulong offset, params ulong[] dimensions) =>
        Tensor(name, (uint)type, offset, dimensions);

    /// <summary>Zeros up to the alignment, then <paramref name="count"/> bytes.</summary>
    public GgufBytes Data(int count, int alignment = 32)
    {
        var padding = (alignment - (Length % alignment)) % alignment;
        return Raw(new byte[padding + count]);
    }

    public byte[] ToArray() => [.. _bytes];
}
