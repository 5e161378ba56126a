using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ManagedSwarm.Transport.Libp2p.Wire;

/// <summary>
/// Reads a small protobuf message field by field, without copying:
/// <code>
/// while (reader.MoveNext()) { switch (reader.Field) { case 1: number = reader.UInt64(); break; ... } }
/// </code>
/// A field that nobody asks for is skipped, as protobuf wants it. No length is believed that is larger than what is left.
/// </summary>
/// <param name="message">All of the message.</param>
/// <param name="name">What it is, for errors: "public key".</param>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message, string name)
{
    // Protobuf's own limits: numbers of 64 bits, in any form; field numbers of 29 bits.
    private const int MaxVarintBytes = 10;
    private const ulong MaxField = (1 << 29) - 1;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _message = message;
    private readonly string _name = name;
    private int _position;
    private ulong _number;
    private ReadOnlySpan<byte> _bytes;

    /// <summary>The current field's number, from 1.</summary>
    public int Field { get; private set; }

    /// <summary>How the current field's value stands in the message.</summary>
    public ProtobufType Type { get; private set; }

    /// <summary>Goes to the next field.</summary>
    /// <returns>False: the message has ended.</returns>
    /// <exception cref="SwarmException"><c>invalid_message</c></exception>
    public bool MoveNext()
    {
        if (_position == _message.Length)
        {
            return false;
        }

        var tag = TakeVarint();
        if (tag >> 3 is 0 or > MaxField)
        {
            Fail($"a field number is {tag >> 3}, allowed are 1 to {MaxField}");
        }

        Field = (int)(tag >> 3);
        Type = (ProtobufType)(tag & 7);
        switch (Type)
        {
            case ProtobufType.Varint:
                _number = TakeVarint();
                break;
            case ProtobufType.Fixed64:
                _number = BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));
                break;
            case ProtobufType.Bytes:
                _bytes = Take(TakeVarint());
                break;
            case ProtobufType.Fixed32:
                _number = BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));
                break;
            default:
                Fail($"field {Field} has wire type {(int)Type}, known are 0, 1, 2 and 5");
                break;
        }

        return true;
    }

    /// <summary>The current field's number.</summary>
    /// <exception cref="SwarmException"><c>invalid_message</c>: it is not a varint.</exception>
    public readonly ulong UInt64()
    {
        Expect(ProtobufType.Varint);
        return _number;
    }

    /// <summary>The current field's bytes, a part of the message.</summary>
    /// <exception cref="SwarmException"><c>invalid_message</c>: it is not of bytes.</exception>
    public readonly ReadOnlySpan<byte> Bytes()
    {
        Expect(ProtobufType.Bytes);
        return _bytes;
    }

    /// <summary>The current field's text.</summary>
    /// <exception cref="SwarmException"><c>invalid_message</c>: it is not of bytes, or they are not UTF-8.</exception>
    public readonly string Text()
    {
        try
        {
            return StrictUtf8.GetString(Bytes());
        }
        catch (DecoderFallbackException)
        {
            Fail($"field {Field} is not UTF-8");
            return "";
        }
    }

    private readonly void Expect(ProtobufType type)
    {
        if (Type != type)
        {
            Fail($"field {Field} has wire type {(int)Type}, expected {(int)type}");
        }
    }

    private ulong TakeVarint()
    {
        var value = 0UL;
        for (var i = 0; i < MaxVarintBytes; i++)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << (7 * i);
            if (next < 0x80)
            {
                return value;
            }
        }

        Fail($"a number is longer than {MaxVarintBytes} bytes");
        return 0;
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)(_message.Length - _position))
        {
            Fail($"{count} more bytes expected, {_message.Length - _position} are left");
        }

        var taken = _message.Slice(_position, (int)count);
        _position += (int)count;
        return taken;
    }

    [DoesNotReturn]
    private readonly void Fail(string what) => throw new SwarmException("invalid_message", $"{_name}: {what} (at byte {_position})");
}
