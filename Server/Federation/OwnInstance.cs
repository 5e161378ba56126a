using System.IO.Pipelines;
using System.Net;
using ManagedSwarm.Server.Diagnostics;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Transport.Http;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace ManagedSwarm.Server.Federation;

/// <summary>
/// This node as one of its instances: answers what a member may ask without a connection, so that a stream of another instance can be gone on with
/// here, and one of here elsewhere.
/// </summary>
internal sealed class OwnInstance(OpenAiEndpoints own, SwarmService swarm, IServiceProvider services, ILogger<OwnInstance> logger)
{
    /// <summary>Answers a request for a reply, as <see cref="PeerHttp"/> does of others.</summary>
    /// <param name="message">The request, with a body.</param>
    /// <param name="cancellationToken">Ends the reply, too.</param>
    /// <returns>The answer as soon as it begins.</returns>
    public async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage message, CancellationToken cancellationToken)
    {
        var pipe = new Pipe();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var cancelled = cancellationToken.UnsafeRegister(_ => begun.TrySetCanceled(cancellationToken), null);
        var http = await ContextAsync(message, new BegunStream(pipe.Writer.AsStream(), begun), cancellationToken);
        _ = RunAsync(http, pipe.Writer, begun);
        await begun.Task;
        var answer = new HttpResponseMessage((HttpStatusCode)http.Response.StatusCode) { Content = new StreamContent(pipe.Reader.AsStream()) };
        foreach (var (name, values) in http.Response.Headers)
        {
            _ = answer.Headers.TryAddWithoutValidation(name, values.AsEnumerable())
                || answer.Content.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
        }

        return answer;
    }

    private async Task<HttpContext> ContextAsync(HttpRequestMessage message, Stream answer, CancellationToken cancellationToken)
    {
        var http = new DefaultHttpContext { RequestServices = services, RequestAborted = cancellationToken };
        (http.Request.Method, http.Request.Path) = (message.Method.Method, message.RequestUri!.AbsolutePath);
        (http.Request.ContentType, http.Request.Body) =
            (message.Content!.Headers.ContentType!.ToString(), await message.Content.ReadAsStreamAsync(cancellationToken));
        foreach (var (name, values) in message.Headers)
        {
            http.Request.Headers[name] = values.ToArray();
        }

        if (swarm.Current is { } joined)
        {
            http.Response.Headers[PeerHeaders.Node] = joined.Self.ToString();
        }

        http.Features.Set<IConnectionEndPointFeature>(new FromSelf(swarm));
        http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(answer));
        return http;
    }

    private async Task RunAsync(HttpContext http, PipeWriter answer, TaskCompletionSource begun)
    {
        Exception? error = null;
        try
        {
            await (http.Request.Path == "/v1/chat/completions" ? own.ChatAsync(http) : own.CompleteAsync(http));
        }
        catch (Exception exception) when (!begun.Task.IsCompleted)
        {
            var refusal = OpenAiErrors.From(exception, http.Request.Method, http.Request.Path);
            if (refusal.Status == StatusCodes.Status500InternalServerError)
            {
                ServerLog.RequestFailed(logger, exception, http.Request.Method, http.Request.Path);
            }

            await JsonAnswer.WriteErrorAsync(http, refusal);
        }
        catch (Exception exception)
        {
            error = exception;
        }

        begun.TrySetResult();
        await answer.CompleteAsync(error);
    }

    /// <summary>As the connection of a member has it: this one.</summary>
    private sealed class FromSelf(SwarmService swarm) : IConnectionEndPointFeature
    {
        public EndPoint? LocalEndPoint { get; set; }

        public EndPoint? RemoteEndPoint { get; set; } = new Libp2pEndPoint(PeerRequest.Protocol, swarm.Current?.Self);
    }

    /// <summary>Tells when the first bytes are written.</summary>
    private sealed class BegunStream(Stream inner, TaskCompletionSource begun) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            begun.TrySetResult();
            await inner.WriteAsync(buffer, cancellationToken);
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override void Flush() => inner.Flush();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
