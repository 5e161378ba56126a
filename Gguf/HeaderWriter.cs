using System.Text;

namespace ManagedSwarm.Gguf;

/// <summary>Writes what stands before the data: the inverse of <see cref="GgufHeader.Parse"/>.</summary>
internal static class HeaderWriter
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <returns>How many bytes were written.</returns>
    public static long Write(
        Stream stream, uint version, OrderedDictionary<string, object> metadata, List<TensorDraft> tensors, int alignment)
    {
        using var header = new MemoryStream();
        using var writer = new BinaryWriter(header, StrictUtf8);
        writer.Write(GgufHeader.Magic);
        writer.Write(version);
        writer.Write((ulong)tensors.Count);
        writer.Write((ulong)metadata.Count);
        foreach (var (key, value) in metadata)
        {
            WritePair(writer, key, value);
        }

        WriteTensors(writer, tensors, alignment);
        writer.Flush();
        header.WriteTo(stream);
        return header.Length;
    }

    public static void WritePair(BinaryWriter writer, string key, object value)
    {
        WriteString(writer, key);
        WriteValue(writer, value);
    }

    public static void WriteString(BinaryWriter writer, string text)
    {
        var bytes = StrictUtf8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    /// <summary>Writes zeros up to the next multiple of the alignment.</summary>
    /// <returns>The new position.</returns>
    public static long Pad(Stream stream, long position, int alignment)
    {
        var padded = GgufHeader.Align(position, alignment);
        stream.Write(new byte[padded - position]);
        return padded;
    }

    private static void WriteTensors(BinaryWriter writer, List<TensorDraft> tensors, int alignment)
    {
        var offset = 0L;
        foreach (var tensor in tensors)
        {
            WriteString(writer, tensor.Name);
            writer.Write(tensor.Dimensions.Length);
            foreach (var size in tensor.Dimensions)
            {
                writer.Write(size);
            }

            writer.Write((uint)tensor.Type);
            writer.Write(offset);
            offset = GgufHeader.Align(checked(offset + tensor.ByteLength), alignment);
        }
    }

    private static void WriteValue(BinaryWriter writer, object value)
    {
        if (value is not Array array)
        {
            writer.Write((uint)GgufValueTypes.Of(value.GetType())!);
            WriteScalar(writer, value);
            return;
        }

        writer.Write((uint)GgufValueType.Array);
        writer.Write((uint)GgufValueTypes.Of(array.GetType().GetElementType()!)!);
        writer.Write(array.LongLength);
        foreach (var element in array)
        {
            WriteScalar(writer, element);
        }
    }

    private static void WriteScalar(BinaryWriter writer, object value)
    {
        switch (value)
        {
            case byte number: writer.Write(number); break;
            case sbyte number: writer.Write(number); break;
            case ushort number: writer.Write(number); break;
            case short number: writer.Write(number); break;
            case uint number: writer.Write(number); break;
            case int number: writer.Write(number); break;
            case ulong number: writer.Write(number); break;
            case long number: writer.Write(number); break;
            case float number: writer.Write(number); break;
            case double number: writer.Write(number); break;
            case bool flag: writer.Write(flag); break;
            case string text: WriteString(writer, text); break;
            default: throw new ArgumentException($"A {value.GetType()} cannot be in a file.", nameof(value));
        }
    }
}
