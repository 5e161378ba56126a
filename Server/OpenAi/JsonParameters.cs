using System.Text.Json;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>
/// Reads a JSON object's members one by one, each with what is allowed, and at the end refuses those that nobody asked for:
/// nothing a client sends is silently ignored. A member that is null counts as left out, as OpenAI's own clients mean it.
/// </summary>
internal sealed class JsonParameters
{
    private readonly JsonElement _object;
    private readonly string _path;
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    /// <param name="element">The object.</param>
    /// <param name="path">Where it stands in the request: empty for the request itself, else like <c>messages[0]</c>.</param>
    /// <exception cref="ApiException">It is not an object.</exception>
    public JsonParameters(JsonElement element, string path)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw path.Length == 0
                ? OpenAiErrors.BadBody($"The request's body: expected a JSON object, found {Describe.Found(element)}")
                : OpenAiErrors.WrongType(path, "an object", Describe.Found(element));
        }

        _object = element;
        _path = path.Length == 0 ? "" : path + ".";
    }

    /// <summary>A member's full name: <c>messages[0].role</c>.</summary>
    public string PathOf(string name) => _path + name;

    /// <summary>The member, unless it is absent or null.</summary>
    public JsonElement? Any(string name)
    {
        _read.Add(name);
        return _object.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    public JsonElement RequiredAny(string name, string expected) => Any(name) ?? throw OpenAiErrors.Missing(PathOf(name), expected);

    public bool? Boolean(string name) => Any(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } other => throw OpenAiErrors.WrongType(PathOf(name), "true or false", Describe.Found(other)),
    };

    public double? Number(string name, double min, double max)
    {
        if (Any(name) is not { } value)
        {
            return null;
        }

        var expected = $"a number from {min} to {max}";
        return value.ValueKind != JsonValueKind.Number ? throw OpenAiErrors.WrongType(PathOf(name), expected, Describe.Found(value))
            : value.TryGetDouble(out var number) && number >= min && number <= max ? number
            : throw OpenAiErrors.WrongValue(PathOf(name), expected, Describe.Found(value));
    }

    public long? Integer(string name, long min, long max)
    {
        if (Any(name) is not { } value)
        {
            return null;
        }

        var expected = $"a whole number from {min} to {max}";
        return value.ValueKind != JsonValueKind.Number ? throw OpenAiErrors.WrongType(PathOf(name), expected, Describe.Found(value))
            : value.TryGetInt64(out var number) && number >= min && number <= max ? number
            : throw OpenAiErrors.WrongValue(PathOf(name), expected, Describe.Found(value));
    }

    public string? Text(string name) => Any(name) is { } value ? ReadText(value, PathOf(name)) : null;

    public JsonElement? Array(string name) => Any(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Array } array => array,
        { } other => throw OpenAiErrors.WrongType(PathOf(name), "an array", Describe.Found(other)),
    };

    public JsonParameters? Object(string name) => Any(name) is { } value ? new JsonParameters(value, PathOf(name)) : null;

    /// <summary>A member that may be there, but only with values that ask for nothing this server lacks.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="isHarmless">Whether the value asks for nothing.</param>
    /// <param name="allowed">What would be accepted, or why it is not, in words.</param>
    public void Tolerate(string name, Func<JsonElement, bool> isHarmless, string allowed)
    {
        if (Any(name) is { } value && !isHarmless(value))
        {
            throw OpenAiErrors.Unsupported(PathOf(name), $"{allowed}; found {Describe.Found(value)}");
        }
    }

    /// <summary>Refuses every member that was not read.</summary>
    public void End()
    {
        foreach (var member in _object.EnumerateObject())
        {
            if (!_read.Contains(member.Name))
            {
                throw OpenAiErrors.Unknown(Describe.Shorten(PathOf(member.Name)));
            }
        }
    }

    /// <summary>A string's text; <see cref="RequestBody"/> has seen to it that it is well-formed.</summary>
    /// <exception cref="ApiException">It is not a string.</exception>
    public static string ReadText(JsonElement value, string path) => value.ValueKind == JsonValueKind.String
        ? value.GetString()!
        : throw OpenAiErrors.WrongType(path, "a string", Describe.Found(value));
}
