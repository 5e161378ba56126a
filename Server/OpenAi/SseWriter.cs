using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>
/// Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): <c>data: JSON</c> and an empty line each, sent
/// at once.
/// </summary>
internal sealed class SseWriter
{
    private readonly PipeWriter _writer;

    /// <summary>Starts the answer: from here on, an error is an event.</summary>
    public SseWriter(HttpResponse response)
    {
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache";
        // nginx would hold the events back otherwise.
        response.Headers["X-Accel-Buffering"] = "no";
        _writer = response.BodyWriter;
    }

    /// <param name="json">One JSON text; null: nothing is sent.</param>
    /// <param name="cancellationToken">Stops waiting for a client that does not read.</param>
    public async ValueTask WriteAsync(byte[]? json, CancellationToken cancellationToken)
    {
        if (json is not null)
        {
            WriteEvent(json);
            await _writer.FlushAsync(cancellationToken);
        }
    }

    /// <summary>Sends an event that has a name.</summary>
    /// <param name="name">Without line ends.</param>
    /// <param name="json">One JSON text.</param>
    /// <param name="cancellationToken">Stops waiting for a client that does not read.</param>
    public async ValueTask WriteNamedAsync(string name, byte[] json, CancellationToken cancellationToken)
    {
        _writer.Write("event: "u8);
        _writer.Write(Encoding.UTF8.GetBytes(name));
        _writer.Write("\n"u8);
        WriteEvent(json);
        await _writer.FlushAsync(cancellationToken);
    }

    /// <summary>Sends what clients ignore, so that nobody in between takes the connection for a dead one.</summary>
    public async ValueTask WriteCommentAsync(CancellationToken cancellationToken)
    {
        _writer.Write(":\n\n"u8);
        await _writer.FlushAsync(cancellationToken);
    }

    /// <summary>Ends a stream that came to its end.</summary>
    public async ValueTask WriteDoneAsync(CancellationToken cancellationToken)
    {
        WriteEvent("[DONE]"u8);
        await _writer.FlushAsync(cancellationToken);
    }

    /// <summary>Ends a stream that broke off: the event <c>error</c> with OpenAI's error body, and no <c>[DONE]</c>.</summary>
    public async ValueTask WriteErrorAsync(ApiError error, CancellationToken cancellationToken)
    {
        _writer.Write("event: error\n"u8);
        WriteEvent(JsonSerializer.SerializeToUtf8Bytes(JsonAnswer.BodyOf(error), OpenAiJson.Wire.ErrorResponse));
        await _writer.FlushAsync(cancellationToken);
    }

    private void WriteEvent(ReadOnlySpan<byte> data)
    {
        _writer.Write("data: "u8);
        _writer.Write(data);
        _writer.Write("\n\n"u8);
    }
}
