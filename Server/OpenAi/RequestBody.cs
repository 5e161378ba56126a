using System.Buffers;
using System.Text;
using System.Text.Json;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>Reads a request's body as one JSON value, with every limit on the way: type, size, UTF-8, depth.</summary>
internal static class RequestBody
{
    /// <summary>A body may be this long: some two million tokens of text, more than any context.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    /// <summary>
    /// A longer body is read on and dropped up to here before it is refused: a client that still sends when the connection closes
    /// sees a reset instead of the answer.
    /// </summary>
    public const int MaxDrainedBytes = 64 * 1024 * 1024;

    // Requests are flat; this leaves room for whatever stands in 'metadata'.
    private const int MaxDepth = 32;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <exception cref="ApiException">415, 413 or 400; see <see cref="OpenAiErrors"/>.</exception>
    public static async Task<JsonDocument> ReadJsonAsync(HttpRequest request, CancellationToken cancellationToken) =>
        (await ReadAsync(request, cancellationToken)).Json;

    /// <summary>Reads the body, and keeps its bytes.</summary>
    /// <inheritdoc cref="ReadJsonAsync"/>
    public static async Task<(ReadOnlyMemory<byte> Bytes, JsonDocument Json)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!request.HasJsonContentType())
        {
            throw OpenAiErrors.UnsupportedMediaType(Describe.Shorten(request.ContentType ?? ""));
        }

        var bytes = await ReadBytesAsync(request, cancellationToken);
        return (bytes, Parse(bytes));
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBytesAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > MaxDrainedBytes)
        {
            throw new ApiException(OpenAiErrors.TooLarge());
        }

        var body = new ArrayBufferWriter<byte>((int)Math.Clamp(request.ContentLength ?? 0, 1024, MaxBytes));
        var total = 0L;
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancellationToken);
            total += read.Buffer.Length;
            if (total <= MaxBytes)
            {
                Append(body, read.Buffer);
            }

            request.BodyReader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted || total > MaxDrainedBytes)
            {
                return total <= MaxBytes ? body.WrittenMemory : throw new ApiException(OpenAiErrors.TooLarge());
            }
        }
    }

    private static void Append(ArrayBufferWriter<byte> body, ReadOnlySequence<byte> bytes)
    {
        foreach (var part in bytes)
        {
            body.Write(part.Span);
        }
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            throw OpenAiErrors.BadBody("The request's body is empty: expected a JSON object");
        }

        // The JSON reader looks at the bytes of a string only when it is asked for.
        if (FindInvalidUtf8(bytes.Span) is var offset and >= 0)
        {
            throw OpenAiErrors.BadBody($"The request's body is not valid UTF-8 at byte {offset}");
        }

        try
        {
            RequireWholeSurrogates(bytes.Span);
            return JsonDocument.Parse(bytes, Options);
        }
        catch (JsonException exception)
        {
            throw OpenAiErrors.BadBody($"The request's body is not valid JSON{Position(exception)}: {Reason(exception)}");
        }
    }

    /// <summary>
    /// JSON may escape half of a surrogate pair, which no text has. Looked for in every name and value at once: the document would throw
    /// wherever one of them is read first.
    /// </summary>
    private static void RequireWholeSurrogates(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IndexOf("\\u"u8) < 0)
        {
            return;
        }

        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = MaxDepth });
        while (reader.Read())
        {
            if (reader.ValueIsEscaped && !IsText(ref reader))
            {
                throw OpenAiErrors.BadBody(
                    "The request's body is not well-formed Unicode: "
                    + $@"the string at byte {reader.TokenStartIndex} has an escape like \ud800 without its other half");
            }
        }
    }

    private static bool IsText(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString() is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    // A duplicate name has no position.
    private static string Position(JsonException exception) =>
        exception.LineNumber is { } line ? $" at line {line + 1}, byte {exception.BytePositionInLine + 1}" : "";

    // The message ends in a position that counts from zero, unlike editors do.
    private static string Reason(JsonException exception) => exception.Message.Split(" LineNumber:", 2)[0];

    private static int FindInvalidUtf8(ReadOnlySpan<byte> bytes)
    {
        if (System.Text.Unicode.Utf8.IsValid(bytes))
        {
            return -1;
        }

        var offset = 0;
        while (Rune.DecodeFromUtf8(bytes[offset..], out _, out var length) == OperationStatus.Done)
        {
            offset += length;
        }

        return offset;
    }
}
