using System.Buffers;
using System.Text;

namespace ManagedSwarm.Transport.Libp2p.Wire;

/// <summary>Writes small protobuf messages; fields stand in the order in which they are written.</summary>
/// <param name="output">Where to.</param>
internal readonly struct ProtobufWriter(IBufferWriter<byte> output)
{
    /// <param name="field">From 1.</param>
    /// <param name="value">At most <see cref="Varint.MaxValue"/>.</param>
    public void WriteNumber(int field, ulong value)
    {
        WriteTag(field, ProtobufType.Varint);
        Varint.Write(output, value);
    }

    /// <param name="field">From 1.</param>
    /// <param name="value">Bytes, or a message.</param>
    public void WriteBytes(int field, ReadOnlySpan<byte> value)
    {
        WriteTag(field, ProtobufType.Bytes);
        Varint.Write(output, (ulong)value.Length);
        output.Write(value);
    }

    /// <param name="field">From 1.</param>
    /// <param name="value">Written as UTF-8.</param>
    public void WriteText(int field, string value) => WriteBytes(field, Encoding.UTF8.GetBytes(value));

    /// <summary>Begins bytes or a message; so many bytes of it are to be written behind it.</summary>
    public void WriteHead(int field, int length)
    {
        WriteTag(field, ProtobufType.Bytes);
        Varint.Write(output, (ulong)length);
    }

    private void WriteTag(int field, ProtobufType type) => Varint.Write(output, ((ulong)field << 3) | (ulong)type);
}
