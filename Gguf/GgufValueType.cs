namespace ManagedSwarm.Gguf;

/// <summary>The type of a metadata value (<c>gguf_metadata_value_type</c> of the specification).</summary>
internal enum GgufValueType : uint
{
    UInt8 = 0,
    Int8 = 1,
    UInt16 = 2,
    Int16 = 3,
    UInt32 = 4,
    Int32 = 5,
    Float32 = 6,
    Bool = 7,
    String = 8,
    Array = 9,
    UInt64 = 10,
    Int64 = 11,
    Float64 = 12,
}

/// <summary>Which .NET type stands for which type of the file.</summary>
internal static class GgufValueTypes
{
    /// <summary>Bytes that a value takes at least: its size, or the length field of a string.</summary>
    public static int MinimumBytes(this GgufValueType type) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Bool => 1,
        GgufValueType.UInt16 or GgufValueType.Int16 => 2,
        GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Float32 => 4,
        _ => 8,
    };

    /// <summary>The type of a .NET value, or of an array's elements; null if it has none.</summary>
    public static GgufValueType? Of(Type type) => type.IsEnum ? null : Type.GetTypeCode(type) switch
    {
        TypeCode.Byte => GgufValueType.UInt8,
        TypeCode.SByte => GgufValueType.Int8,
        TypeCode.UInt16 => GgufValueType.UInt16,
        TypeCode.Int16 => GgufValueType.Int16,
        TypeCode.UInt32 => GgufValueType.UInt32,
        TypeCode.Int32 => GgufValueType.Int32,
        TypeCode.UInt64 => GgufValueType.UInt64,
        TypeCode.Int64 => GgufValueType.Int64,
        TypeCode.Single => GgufValueType.Float32,
        TypeCode.Double => GgufValueType.Float64,
        TypeCode.Boolean => GgufValueType.Bool,
        TypeCode.String => GgufValueType.String,
        _ => null,
    };

    /// <summary>A value's type for messages: <c>uint32</c>, <c>array of string</c>.</summary>
    public static string Describe(Type type) => type.IsArray
        ? $"array of {Describe(type.GetElementType()!)}"
        : Of(type)?.ToString().ToLowerInvariant() ?? type.Name;
}
