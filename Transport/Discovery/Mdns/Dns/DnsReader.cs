using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ManagedSwarm.Transport.Discovery.Mdns.Dns;

/// <summary>
/// Reads a message (RFC 1035 §4.1):
/// <code>
/// message  = id flags count count count count question* answer* authority* additional*     all numbers 16 bits, big-endian
/// question = name type class
/// record   = name type class ttl(32) length data
/// name     = (length label)* (0 | 11oooooo oooooooo)                                       o: the offset of the rest in the message
/// </code>
/// </summary>
/// <param name="message">All of it.</param>
internal ref struct DnsReader(ReadOnlySpan<byte> message)
{
    /// <summary>RFC 6762 §17: the most that a message may have.</summary>
    public const int MaxBytes = 9000;

    /// <summary>Questions and records together. Each costs memory, and may cost few bytes.</summary>
    public const int MaxEntries = 128;

    private const int ResponseFlag = 0x8000;

    // The kind of operation and the kind of error: both zero in multicast DNS.
    private const int OperationAndError = 0x780F;

    private const ushort ClassInternet = 1;
    private const ushort ClassAny = 255;

    // Of a class in a question: the answer may be unicast; in a record: it replaces all others of its name and type.
    private const ushort TopBit = 0x8000;

    private const int PointerBits = 0xC0;

    private readonly ReadOnlySpan<byte> _message = message;
    private int _position;

    /// <exception cref="SwarmException"><c>invalid_dns_message</c></exception>
    public DnsMessage Message()
    {
        if (_message.Length > MaxBytes)
        {
            Fail($"it has {_message.Length} bytes, allowed are {MaxBytes}");
        }

        var id = Number();
        var flags = Number();
        if ((flags & OperationAndError) != 0)
        {
            Fail($"its flags are {flags:x4}: neither an ordinary query nor the answer to one");
        }

        var (questions, answers, authorities, additionals) = (Number(), Number(), Number(), Number());
        if (questions + answers + authorities + additionals is var entries and > MaxEntries)
        {
            Fail($"it has {entries} questions and records, allowed are {MaxEntries}");
        }

        return new()
        {
            Id = id,
            IsResponse = (flags & ResponseFlag) != 0,
            Questions = Questions(questions),
            Answers = Records(answers),
            Additionals = [.. Records(authorities, areKept: false), .. Records(additionals)],
        };
    }

    private List<DnsQuestion> Questions(int count)
    {
        var questions = new List<DnsQuestion>();
        for (var i = 0; i < count; i++)
        {
            var (name, type, @class) = (Name(), (DnsType)Number(), Number());
            if ((@class & ~TopBit) is ClassInternet or ClassAny)
            {
                questions.Add(new(name, type, (@class & TopBit) != 0));
            }
        }

        return questions;
    }

    private List<DnsRecord> Records(int count, bool areKept = true)
    {
        var records = new List<DnsRecord>();
        for (var i = 0; i < count; i++)
        {
            var (name, type, @class) = (Name(), (DnsType)Number(), Number());
            var timeToLive = BinaryPrimitives.ReadUInt32BigEndian(Take(sizeof(uint)));
            var record = Data(new(name, type, timeToLive), Number());
            if (areKept && (@class & ~TopBit) == ClassInternet)
            {
                records.Add(record);
            }
        }

        return records;
    }

    private DnsRecord Data(DnsRecord head, int length)
    {
        var start = _position;
        var data = Take(length);
        switch (head.Type)
        {
            case DnsType.Pointer:
                _position = start;
                var target = Name();
                if (_position != start + length)
                {
                    Fail($"a record's name has {_position - start} bytes, expected {length}");
                }

                return head with { Target = target };
            case DnsType.Text:
                return head with { Texts = Texts(data) };
            default:
                return head;
        }
    }

    private readonly List<string> Texts(ReadOnlySpan<byte> data)
    {
        var texts = new List<string>();
        while (!data.IsEmpty)
        {
            if (data[0] >= data.Length)
            {
                Fail($"a text has {data[0]} bytes, {data.Length - 1} are left of its record");
            }

            texts.Add(Encoding.Latin1.GetString(data.Slice(1, data[0])));
            data = data[(data[0] + 1)..];
        }

        return texts;
    }

    private DnsName Name()
    {
        Span<byte> name = stackalloc byte[DnsName.MaxBytes];
        var (length, position, start, end) = (0, _position, _position, -1);
        while (true)
        {
            var head = At(position);
            if ((head & PointerBits) == PointerBits)
            {
                var target = ((head & ~PointerBits) << 8) | At(position + 1);
                if (target >= start)
                {
                    Fail($"a name goes on at byte {target}, which is not before it");
                }

                // Each part lies before the one that led to it, so that there is an end.
                end = end < 0 ? position + 2 : end;
                (position, start) = (target, target);
                continue;
            }

            if (head > DnsName.MaxLabelBytes || length + head + 1 > name.Length - (head == 0 ? 0 : 1))
            {
                Fail($"a name has a label of {head} bytes, allowed are {DnsName.MaxLabelBytes}, and {DnsName.MaxBytes} in all");
            }

            At(position + head);
            _message.Slice(position, head + 1).CopyTo(name[length..]);
            length += head + 1;
            position += head + 1;
            if (head == 0)
            {
                _position = end < 0 ? position : end;
                return DnsName.FromBytes(name[..length]);
            }
        }
    }

    private readonly byte At(int position)
    {
        if (position >= _message.Length)
        {
            Fail("it ends within a name");
        }

        return _message[position];
    }

    private ushort Number() => BinaryPrimitives.ReadUInt16BigEndian(Take(sizeof(ushort)));

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _message.Length - _position)
        {
            Fail($"{count} more bytes expected, {_message.Length - _position} are left");
        }

        var taken = _message.Slice(_position, count);
        _position += count;
        return taken;
    }

    [DoesNotReturn]
    private readonly void Fail(string what) =>
        throw new SwarmException("invalid_dns_message", $"a DNS message of {_message.Length} bytes: {what} (at byte {_position})");
}
