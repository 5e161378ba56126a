using System.Text;
using System.Text.Json;

namespace ManagedSwarm.Engine.Planning;

/// <summary>A value of a JSON file that people write, read strictly: whatever is not expected is refused, with its place.</summary>
internal sealed class JsonItem
{
    private const int MaxFileBytes = 16 << 20;
    private const int MaxTextChars = 256;

    private static readonly JsonDocumentOptions Strict = new()
    {
        AllowDuplicateProperties = false,
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        MaxDepth = 16,
    };

    private readonly JsonElement _element;
    private readonly string _path;
    private readonly Source _source;

    private JsonItem(JsonElement element, string path, Source source) => (_element, _path, _source) = (element, path, source);

    /// <summary>Reads a file's text.</summary>
    /// <param name="file">Its path.</param>
    /// <exception cref="EngineException"><c>file_not_found</c>, <c>unreadable_file</c></exception>
    public static string ReadText(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            var bytes = new byte[MaxFileBytes + 1];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length <= MaxFileBytes
                ? Encoding.UTF8.GetString(bytes.AsSpan(0, length)).TrimStart('\ufeff')
                : throw new EngineException("unreadable_file", $"'{file}' has more than {MaxFileBytes} bytes, which is no file of this kind");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new EngineException("file_not_found", $"there is no file '{file}'", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new EngineException("unreadable_file", $"'{file}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <param name="text">JSON; comments and commas behind the last item are let pass.</param>
    /// <param name="file">What to call it.</param>
    /// <param name="code">Of the exceptions.</param>
    /// <exception cref="EngineException">It is no JSON.</exception>
    public static JsonItem Parse(string text, string file, string code)
    {
        try
        {
            using var document = JsonDocument.Parse(text, Strict);
            return new(document.RootElement.Clone(), "", new(file, code));
        }
        catch (JsonException exception)
        {
            throw new EngineException(code, $"{file}: not JSON: {exception.Message}", exception);
        }
    }

    /// <summary>The items of a list.</summary>
    public IReadOnlyList<JsonItem> Items(int most)
    {
        if (_element.ValueKind != JsonValueKind.Array || _element.GetArrayLength() > most)
        {
            throw Refuse($"a list of at most {most} items");
        }

        return [.. _element.EnumerateArray().Select((item, index) => new JsonItem(item, $"{_path}[{index}]", _source))];
    }

    /// <summary>Refuses what is no object, or has other fields than these.</summary>
    public JsonItem WithFields(params ReadOnlySpan<string> names)
    {
        var allowed = string.Join(", ", names!);
        if (_element.ValueKind != JsonValueKind.Object)
        {
            throw Refuse($"an object with {allowed}");
        }

        foreach (var property in _element.EnumerateObject())
        {
            if (!names.Contains(property.Name))
            {
                throw Refuse($"no field but {allowed}", $"'{property.Name}'");
            }
        }

        return this;
    }

    /// <summary>A field that must be there.</summary>
    public JsonItem Field(string name) => TryField(name) ?? throw Refuse($"a field '{name}'", "none");

    /// <summary>A field that may be there; null: it is not, or is null.</summary>
    public JsonItem? TryField(string name) =>
        _element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? new(value, _path.Length == 0 ? name : $"{_path}.{name}", _source)
            : null;

    public string Text() => _element.ValueKind == JsonValueKind.String && _element.GetString() is { Length: > 0 and <= MaxTextChars } text
        ? text
        : throw Refuse($"a text of 1 to {MaxTextChars} characters");

    public bool Switch() => _element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Refuse("true or false"),
    };

    /// <summary>A number of at least 0, or more than 0.</summary>
    public double Number(bool orZero)
    {
        var isNumber = _element.ValueKind == JsonValueKind.Number && _element.TryGetDouble(out _);
        var value = isNumber ? _element.GetDouble() : double.NaN;
        return double.IsFinite(value) && (value > 0 || (orZero && value == 0))
            ? value
            : throw Refuse(orZero ? "a number of 0 or more" : "a number above 0");
    }

    /// <summary>Bytes: a whole number, or a text such as <c>"6G"</c>.</summary>
    public long Bytes()
    {
        var text = _element.ValueKind switch
        {
            JsonValueKind.String => _element.GetString()!,
            JsonValueKind.Number => _element.GetRawText(),
            _ => "",
        };
        return ByteSize.TryParse(text, out var bytes) ? bytes : throw Refuse(ByteSize.Expected);
    }

    /// <summary>What it is not.</summary>
    public EngineException Refuse(string expected) => Refuse(expected, Shown());

    private EngineException Refuse(string expected, string found) =>
        new(_source.Code, $"{_source.File}: {(_path.Length == 0 ? "at the top" : _path)}: expected {expected}, found {found}");

    private string Shown() => _element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => $"a list of {_element.GetArrayLength()}",
        _ when _element.GetRawText() is { Length: <= 64 } raw => raw,
        _ => "a long text",
    };

    private sealed record Source(string File, string Code);
}
