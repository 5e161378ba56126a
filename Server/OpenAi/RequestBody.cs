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
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <exception cref="ApiException">415, 413 or 400; see <see cref="OpenAiErrors"/>.</exception>
    public static async Task<JsonDocument> ReadJsonAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!request.HasJsonContentType())
        {
            throw OpenAiErrors.UnsupportedMediaType(Describe.Shorten(request.ContentType ?? ""));
        }

        var bytes = await ReadBytesAsync(request, cancellationToken);
        return Parse(bytes);
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
            return JsonDocument.Parse(bytes, Options);
        }
        catch (JsonException exception)
        {
            throw OpenAiErrors.BadBody($"The request's body is not valid JSON{Position(exception)}: {Reason(exception)}");
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
