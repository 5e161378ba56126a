using System.Diagnostics.CodeAnalysis;

namespace ManagedSwarm.Gguf;

/// <summary>
/// A GGUF file's key-value pairs. Values are <see cref="byte"/>, <see cref="sbyte"/>, <see cref="ushort"/>, <see cref="short"/>,
/// <see cref="uint"/>, <see cref="int"/>, <see cref="ulong"/>, <see cref="long"/>, <see cref="float"/>, <see cref="double"/>,
/// <see cref="bool"/>, <see cref="string"/>, or one-dimensional arrays of these.
/// </summary>
/// <remarks>
/// The typed accessors take bool, int, uint, long, ulong, float, double and string. Writers differ in the types they choose, so a whole
/// number is read as any other type of number that can hold it, and a fraction as float or double.
/// A value that does not fit is an error, even where there is a fallback: the file says something that must not be ignored.
/// </remarks>
public sealed class GgufMetadata
{
    private readonly OrderedDictionary<string, object> _values;
    private readonly Dictionary<string, long>? _offsets;
    private readonly string? _path;

    /// <summary>Metadata that come from no file.</summary>
    public GgufMetadata(IEnumerable<KeyValuePair<string, object>> values)
        : this(values, offsets: null, path: null)
    {
    }

    /// <param name="offsets">Where each pair stands in its file, for messages.</param>
    internal GgufMetadata(IEnumerable<KeyValuePair<string, object>> values, Dictionary<string, long>? offsets, string? path)
    {
        _values = new(values, StringComparer.Ordinal);
        _offsets = offsets;
        _path = path;
    }

    /// <summary>The keys, in the order of the file.</summary>
    public IReadOnlyCollection<string> Keys => _values.Keys;

    /// <summary>The value of a key, whatever its type.</summary>
    public bool TryGetValue(string key, [NotNullWhen(true)] out object? value) => _values.TryGetValue(key, out value);

    /// <summary>The value of a key that must be there.</summary>
    /// <exception cref="GgufFormatException">It is missing, of another type, or out of the type's range.</exception>
    public T Get<T>(string key) => TryGet<T>(key, out var value) ? value : throw Missing<T>(key);

    /// <summary>The value of a key, or <paramref name="fallback"/> where there is none.</summary>
    /// <exception cref="GgufFormatException">It is there, and of another type, or out of the type's range.</exception>
    public T Get<T>(string key, T fallback) => TryGet<T>(key, out var value) ? value : fallback;

    /// <summary>The value of a key, if there is one.</summary>
    /// <exception cref="GgufFormatException">It is there, and of another type, or out of the type's range.</exception>
    public bool TryGet<T>(string key, [MaybeNullWhen(false)] out T value)
    {
        if (!_values.TryGetValue(key, out var found))
        {
            value = default;
            return false;
        }

        value = MetadataConverter.TryConvert<T>(found, out var converted)
            ? converted
            : throw Misfit<T>(key, $"'{key}'", found);
        return true;
    }

    /// <summary>The elements of an array that must be there, as a new array.</summary>
    /// <exception cref="GgufFormatException">
    /// It is missing, not an array, or an element is of another type or out of the type's range.
    /// </exception>
    public T[] GetArray<T>(string key) => TryGetArray<T>(key, out var values) ? values : throw Missing<T[]>(key);

    /// <summary>The elements of an array, as a new array, if there is one.</summary>
    /// <exception cref="GgufFormatException">
    /// It is there, and not an array, or an element is of another type or out of the type's range.
    /// </exception>
    public bool TryGetArray<T>(string key, [MaybeNullWhen(false)] out T[] values)
    {
        if (!_values.TryGetValue(key, out var found))
        {
            values = null;
            return false;
        }

        if (found is not Array array)
        {
            throw Misfit<T[]>(key, $"'{key}'", found);
        }

        values = ConvertAll<T>(key, array);
        return true;
    }

    /// <summary>An error about the value of a key.</summary>
    internal GgufFormatException Error(string key, string reason) =>
        new(reason, _offsets is not null && _offsets.TryGetValue(key, out var offset) ? offset : 0, _path);

    private GgufFormatException Missing<T>(string key) => Error(key, $"'{key}' is missing, wanted is {GgufValueTypes.Describe(typeof(T))}");

    private GgufFormatException Misfit<T>(string key, string what, object found) =>
        Error(key, $"{what} is {MetadataConverter.Describe(found)}, wanted is {GgufValueTypes.Describe(typeof(T))}");

    private T[] ConvertAll<T>(string key, Array array)
    {
        var values = new T[array.Length];
        // The runtime takes int[] and uint[] for each other, so the exact type is compared.
        if (array.GetType() == typeof(T[]))
        {
            array.CopyTo(values, 0);
            return values;
        }

        for (var i = 0; i < values.Length; i++)
        {
            var element = array.GetValue(i)!;
            values[i] = MetadataConverter.TryConvert<T>(element, out var converted)
                ? converted
                : throw Misfit<T>(key, $"element {i} of '{key}'", element);
        }

        return values;
    }
}
