using System.Diagnostics.CodeAnalysis;

namespace ManagedSwarm.Gguf;

/// <summary>
/// A GGUF file's key-value pairs. Values are <see cref="byte"/>, <see cref="sbyte"/>, <see cref="ushort"/>, <see cref="short"/>,
/// <see cref="uint"/>, <see cref="int"/>, <see cref="ulong"/>, <see cref="long"/>, <see cref="float"/>, <see cref="double"/>,
/// <see cref="bool"/>, <see cref="string"/>, or one-dimensional arrays of these.
/// </summary>
public sealed class GgufMetadata
{
    private readonly Dictionary<string, object> _values;

    public GgufMetadata(IEnumerable<KeyValuePair<string, object>> values) => _values = new(values, StringComparer.Ordinal);

    /// <summary>The keys, in the order of the file.</summary>
    public IReadOnlyCollection<string> Keys => _values.Keys;

    /// <summary>The value of a key, whatever its type.</summary>
    public bool TryGetValue(string key, [NotNullWhen(true)] out object? value) => _values.TryGetValue(key, out value);
}
