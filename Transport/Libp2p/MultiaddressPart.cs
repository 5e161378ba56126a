using System.Buffers;
using ManagedSwarm.Transport.Libp2p.Wire;

namespace ManagedSwarm.Transport.Libp2p;

/// <summary>A protocol with its value: <c>/tcp/4001</c>.</summary>
/// <param name="Protocol">Which.</param>
/// <param name="Value">Its value in binary form, without the length before it.</param>
/// <param name="Text">Its value in text form; null where it has none.</param>
internal sealed record MultiaddressPart(MultiaddressProtocol Protocol, ReadOnlyMemory<byte> Value, string? Text)
{
    /// <summary>Bytes of the binary form.</summary>
    public int Length =>
        Varint.LengthOf(Protocol.Code) + (Protocol.FixedBytes is null ? Varint.LengthOf((ulong)Value.Length) : 0) + Value.Length;

    /// <summary>Appends the binary form.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        Varint.Write(output, Protocol.Code);
        if (Protocol.FixedBytes is null)
        {
            Varint.Write(output, (ulong)Value.Length);
        }

        output.Write(Value.Span);
    }

    public override string ToString() => Text is null ? $"/{Protocol.Name}" : $"/{Protocol.Name}/{Text}";
}
