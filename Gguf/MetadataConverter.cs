using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ManagedSwarm.Gguf;

/// <summary>Reads a metadata value as another type that can hold it.</summary>
internal static class MetadataConverter
{
    private const int DescribedStringLength = 40;

    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is none of the types that the accessors take.</exception>
    public static bool TryConvert<T>(object value, [MaybeNullWhen(false)] out T converted)
    {
        if (value is T same && value.GetType() == typeof(T))
        {
            converted = same;
            return true;
        }

        var result = Type.GetTypeCode(typeof(T)) switch
        {
            TypeCode.Boolean or TypeCode.String => null,
            TypeCode.Int32 => Whole(value, int.MinValue, int.MaxValue) is { } whole ? (int)whole : null,
            TypeCode.UInt32 => Whole(value, uint.MinValue, uint.MaxValue) is { } whole ? (uint)whole : null,
            TypeCode.Int64 => Whole(value, long.MinValue, long.MaxValue) is { } whole ? (long)whole : null,
            TypeCode.UInt64 => Whole(value, ulong.MinValue, ulong.MaxValue) is { } whole ? (ulong)whole : null,
            TypeCode.Single => Fraction(value) is { } number && FitsSingle(number) ? (float)number : null,
            TypeCode.Double => (object?)Fraction(value),
            _ => throw new NotSupportedException($"metadata cannot be read as {typeof(T)}"),
        };
        converted = result is T fits ? fits : default;
        return result is not null;
    }

    /// <summary>A value for messages: <c>uint32 7</c>, <c>string "llama"</c>, <c>array of string</c>.</summary>
    public static string Describe(object value)
    {
        var type = GgufValueTypes.Describe(value.GetType());
        return value switch
        {
            Array => type,
            string text => $"{type} \"{(text.Length <= DescribedStringLength ? text : text[..DescribedStringLength] + "…")}\"",
            IFormattable number => $"{type} {number.ToString(null, CultureInfo.InvariantCulture)}",
            _ => $"{type} {value}",
        };
    }

    private static Int128? Whole(object value)
    {
        return value switch
        {
            byte number => number,
            sbyte number => number,
            ushort number => number,
            short number => number,
            uint number => number,
            int number => number,
            ulong number => number,
            long number => number,
            _ => null,
        };
    }

    private static Int128? Whole(object value, Int128 minimum, Int128 maximum) =>
        Whole(value) is { } whole && whole >= minimum && whole <= maximum ? whole : null;

    private static double? Fraction(object value) => value switch
    {
        float number => number,
        double number => number,
        _ => Whole(value) is { } whole ? (double)whole : null,
    };

    private static bool FitsSingle(double number) => !double.IsFinite(number) || float.IsFinite((float)number);
}
