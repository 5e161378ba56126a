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
    /// <param name="comment">Makes the line before it; asked only if something is sent.</param>
    public async ValueTask WriteAsync(byte[]? json, CancellationToken cancellationToken, Func<byte[]>? comment = null)
    {
        if (json is not null)
        {
            if (comment is not null)
            {
                Put(comment());
            }

            WriteEvent(json);
            await _writer.FlushAsync(cancellationToken);
        }
    }

    /// <summary>Sends an event that somebody else has written, with its lines and the empty one behind them.</summary>
    public async ValueTask WriteRawAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        Put(bytes.Span);
        await _writer.FlushAsync(cancellationToken);
    }

    /// <summary>Sends an event that has a name.</summary>
    /// <param name="name">Without line ends.</param>
    /// <param name="json">One JSON text.</param>
    /// <param name="cancellationToken">Stops waiting for a client that does not read.</param>
    public async ValueTask WriteNamedAsync(string name, byte[] json, CancellationToken cancellationToken)
    {
        Put("event: "u8);
        Put(Encoding.UTF8.GetBytes(name));
        Put("\n"u8);
        WriteEvent(json);
        await _writer.FlushAsync(cancellationToken);
    }

    /// <summary>Sends what clients ignore, so that nobody in between takes the connection for a dead one.</summary>
    public async ValueTask WriteCommentAsync(CancellationToken cancellationToken)
    {
        Put(":\n\n"u8);
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
        Put("event: error\n"u8);
        WriteEvent(JsonSerializer.SerializeToUtf8Bytes(JsonAnswer.BodyOf(error), OpenAiJson.Wire.ErrorResponse));
        await _writer.FlushAsync(cancellationToken);
    }

    private void WriteEvent(ReadOnlySpan<byte> data)
    {
        Put("data: "u8);
        Put(data);
        Put("\n\n"u8);
    }

    // The room is asked for: where it is not, a server may have less than there is to write, and none behind that.
    private void Put(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.IsEmpty)
        {
            bytes.CopyTo(_writer.GetSpan(bytes.Length));
            _writer.Advance(bytes.Length);
        }
    }
}
