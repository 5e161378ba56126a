using System.Buffers;
using System.Buffers.Binary;
using ManagedSwarm.Transport.Libp2p.Wire;

namespace ManagedSwarm.Transport.Token;

/// <summary>Takes a token's bytes one after the other. No length is believed that is larger than what is left.</summary>
internal ref struct TokenReader(ReadOnlySpan<byte> bytes)
{
    private readonly int _length = bytes.Length;
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public byte Byte(string what) => Take(1, what)[0];

    public uint UInt32(string what) => BinaryPrimitives.ReadUInt32BigEndian(Take(sizeof(uint), what));

    /// <summary>So many bytes.</summary>
    /// <exception cref="SwarmException"><c>invalid_token</c></exception>
    public ReadOnlySpan<byte> Take(int count, string what)
    {
        if (count > _rest.Length)
        {
            throw SwarmToken.Invalid($"{what} has {count} bytes, {_rest.Length} are left (at byte {_length - _rest.Length})");
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    /// <summary>Bytes behind their length, a varint.</summary>
    /// <exception cref="SwarmException"><c>invalid_token</c></exception>
    public ReadOnlySpan<byte> TakePrefixed(int max, string what)
    {
        if (Varint.TryRead(_rest, out var count, out var size) != OperationStatus.Done || count > (ulong)max)
        {
            throw SwarmToken.Invalid($"{what} has {count} bytes or an unreadable length, allowed are {max} (at byte {_length - _rest.Length})");
        }

        _rest = _rest[size..];
        return Take((int)count, what);
    }
}
