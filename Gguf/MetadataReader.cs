using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ManagedSwarm.Gguf;

/// <summary>Reads the key-value pairs of a header.</summary>
internal static class MetadataReader
{
    /// <summary>Length of an empty key, value type, and the shortest value.</summary>
    public const int MinimumPairBytes = sizeof(ulong) + sizeof(uint) + 1;

    public static GgufMetadata Read(ref GgufReader reader, int count, GgufLimits limits)
    {
        var values = new List<KeyValuePair<string, object>>(count);
        var offsets = new Dictionary<string, long>(count, StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var start = reader.Position;
            var key = reader.ReadString($"key {i}", limits.MaxKeyBytes);
            if (!offsets.TryAdd(key, start))
            {
                reader.Fail($"key '{key}' occurs twice", start);
            }

            var what = $"value of '{key}'";
            values.Add(new(key, ReadValue(ref reader, ReadType(ref reader, what), what, limits)));
        }

        return new GgufMetadata(values, offsets, reader.Path);
    }

    private static GgufValueType ReadType(ref GgufReader reader, string what)
    {
        var start = reader.Position;
        var type = (GgufValueType)reader.ReadUInt32($"type of {what}");
        if (!Enum.IsDefined(type))
        {
            reader.Fail($"type of {what} is {(uint)type}, known are 0 to {(uint)GgufValueType.Float64}", start);
        }

        return type;
    }

    private static object ReadValue(ref GgufReader reader, GgufValueType type, string what, GgufLimits limits) => type switch
    {
        GgufValueType.UInt8 => ReadNumber<byte>(ref reader, what),
        GgufValueType.Int8 => ReadNumber<sbyte>(ref reader, what),
        GgufValueType.UInt16 => ReadNumber<ushort>(ref reader, what),
        GgufValueType.Int16 => ReadNumber<short>(ref reader, what),
        GgufValueType.UInt32 => ReadNumber<uint>(ref reader, what),
        GgufValueType.Int32 => ReadNumber<int>(ref reader, what),
        GgufValueType.UInt64 => ReadNumber<ulong>(ref reader, what),
        GgufValueType.Int64 => ReadNumber<long>(ref reader, what),
        GgufValueType.Float32 => ReadNumber<float>(ref reader, what),
        GgufValueType.Float64 => ReadNumber<double>(ref reader, what),
        GgufValueType.Bool => ReadBools(ref reader, 1, what)[0],
        GgufValueType.String => reader.ReadString(what, limits.MaxStringBytes),
        _ => ReadArray(ref reader, what, limits),
    };

    private static object ReadArray(ref GgufReader reader, string what, GgufLimits limits)
    {
        var start = reader.Position;
        var type = ReadType(ref reader, $"elements of {what}");
        if (type == GgufValueType.Array)
        {
            reader.Fail($"{what} is an array of arrays, which is not supported", start);
        }

        var count = reader.ReadCount($"length of {what}", limits.MaxArrayLength, type.MinimumBytes());
        return type switch
        {
            GgufValueType.UInt8 => ReadNumbers<byte>(ref reader, count, what),
            GgufValueType.Int8 => ReadNumbers<sbyte>(ref reader, count, what),
            GgufValueType.UInt16 => ReadNumbers<ushort>(ref reader, count, what),
            GgufValueType.Int16 => ReadNumbers<short>(ref reader, count, what),
            GgufValueType.UInt32 => ReadNumbers<uint>(ref reader, count, what),
            GgufValueType.Int32 => ReadNumbers<int>(ref reader, count, what),
            GgufValueType.UInt64 => ReadNumbers<ulong>(ref reader, count, what),
            GgufValueType.Int64 => ReadNumbers<long>(ref reader, count, what),
            GgufValueType.Float32 => ReadNumbers<float>(ref reader, count, what),
            GgufValueType.Float64 => ReadNumbers<double>(ref reader, count, what),
            GgufValueType.Bool => ReadBools(ref reader, count, what),
            _ => ReadStrings(ref reader, count, what, limits),
        };
    }

    private static T ReadNumber<T>(ref GgufReader reader, string what)
        where T : unmanaged => MemoryMarshal.Read<T>(reader.Take(Unsafe.SizeOf<T>(), what));

    private static T[] ReadNumbers<T>(ref GgufReader reader, int count, string what)
        where T : unmanaged
    {
        var source = reader.Take((long)count * Unsafe.SizeOf<T>(), what);
        var values = new T[count];
        source.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    private static bool[] ReadBools(ref GgufReader reader, int count, string what)
    {
        var start = reader.Position;
        var source = reader.Take(count, what);
        var values = new bool[count];
        for (var i = 0; i < count; i++)
        {
            if (source[i] > 1)
            {
                reader.Fail($"{what} is a bool of {source[i]}, allowed are 0 and 1", start + i);
            }

            values[i] = source[i] == 1;
        }

        return values;
    }

    private static string[] ReadStrings(ref GgufReader reader, int count, string what, GgufLimits limits)
    {
        var values = new string[count];
        var element = $"element of {what}";
        for (var i = 0; i < count; i++)
        {
            values[i] = reader.ReadString(element, limits.MaxStringBytes);
        }

        return values;
    }
}
