using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace ManagedSwarm.Transport.Discovery.Mdns.Dns;

/// <summary>Writes a message; its form is in <see cref="DnsReader"/>. The end of a name is not written twice.</summary>
internal sealed class DnsWriter
{
    private const ushort ResponseFlags = 0x8400;
    private const ushort ClassInternet = 1;
    private const ushort TopBit = 0x8000;
    private const int PointerBits = 0xC000;
    private const int MaxOffset = 0x3FFF;

    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly List<(ReadOnlyMemory<byte> Tail, int Offset)> _names = [];

    public byte[] ToArray() => _output.WrittenSpan.ToArray();

    public void Message(DnsMessage message)
    {
        Number(message.Id);
        Number(message.IsResponse ? ResponseFlags : 0);
        Number(message.Questions.Count);
        Number(message.Answers.Count);
        Number(0);
        Number(message.Additionals.Count);
        foreach (var question in message.Questions)
        {
            Name(question.Name);
            Number((ushort)question.Type);
            Number(question.WantsUnicast ? ClassInternet | TopBit : ClassInternet);
        }

        foreach (var record in message.Answers.Concat(message.Additionals))
        {
            Record(record);
        }
    }

    private void Record(DnsRecord record)
    {
        Name(record.Name);
        Number((ushort)record.Type);
        Number(ClassInternet);
        BinaryPrimitives.WriteUInt32BigEndian(_output.GetSpan(sizeof(uint)), record.TimeToLive);
        _output.Advance(sizeof(uint));
        if (record.Target is { } target)
        {
            Number(Length(target));
            Name(target);
            return;
        }

        Number(record.Texts.Sum(text => text.Length + 1));
        foreach (var text in record.Texts)
        {
            _output.Write([checked((byte)text.Length)]);
            _output.Write(Encoding.Latin1.GetBytes(text));
        }
    }

    private int Length(DnsName name)
    {
        var rest = name.Bytes;
        while (rest.Length > 1 && Find(rest) is null)
        {
            rest = rest[(rest.Span[0] + 1)..];
        }

        return name.Bytes.Length - rest.Length + (rest.Length > 1 ? sizeof(ushort) : 1);
    }

    private void Name(DnsName name)
    {
        var rest = name.Bytes;
        while (rest.Length > 1)
        {
            if (Find(rest) is { } offset)
            {
                Number(PointerBits | offset);
                return;
            }

            if (_output.WrittenCount <= MaxOffset)
            {
                _names.Add((rest, _output.WrittenCount));
            }

            var label = rest[..(rest.Span[0] + 1)];
            _output.Write(label.Span);
            rest = rest[label.Length..];
        }

        _output.Write(rest.Span);
    }

    private int? Find(ReadOnlyMemory<byte> rest)
    {
        foreach (var (known, offset) in _names)
        {
            if (known.Span.SequenceEqual(rest.Span))
            {
                return offset;
            }
        }

        return null;
    }

    private void Number(int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_output.GetSpan(sizeof(ushort)), checked((ushort)value));
        _output.Advance(sizeof(ushort));
    }
}
