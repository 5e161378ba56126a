using System.Net;
using System.Runtime.InteropServices;
using Yarp.ReverseProxy.Forwarder;

namespace ManagedSwarm.Server.Federation;

/// <summary>
/// Sends a request on and its answer back, unread, by YARP. Nothing of a reply that does not stream is sent before all of it is there.
/// </summary>
internal sealed class PassThrough(IHttpForwarder forwarder, PeerHttp peers, RouterOptions options)
{
    private readonly ForwarderRequestConfig _config = new()
    {
        Version = HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        ActivityTimeout = options.SilenceTimeout,
    };

    /// <summary>Sends it.</summary>
    /// <param name="http">The client's request; its body may have been read.</param>
    /// <param name="path">The path at the instance.</param>
    /// <param name="request">The request as it was read.</param>
    /// <param name="lease">Where to.</param>
    /// <param name="mayRetry">Whether an answer that another instance may spare the client is kept back.</param>
    /// <returns>Whether the client has its answer, or does not want it any more; else nothing was sent to it.</returns>
    public async Task<bool> TrySendAsync(HttpContext http, string path, RouteRequest request, RouteLease lease, bool mayRetry)
    {
        MemoryMarshal.TryGetArray(request.Body, out var body);
        http.Request.Body = new MemoryStream(body.Array!, body.Offset, body.Count, writable: false);
        var transformer = new Transformer(new Uri(lease.Address, path), mayRetry);
        var error = await forwarder.SendAsync(http, lease.Address.ToString(), peers, _config, transformer, http.RequestAborted);
        if (http.RequestAborted.IsCancellationRequested)
        {
            return true;
        }

        if (transformer.Status is { } status && (error == ForwarderError.None || status >= StatusCodes.Status400BadRequest))
        {
            lease.Answered(status);
        }
        else
        {
            lease.Lost();
        }

        if (http.Response.HasStarted || (error == ForwarderError.None && !transformer.IsKeptBack))
        {
            return true;
        }

        http.Response.StatusCode = StatusCodes.Status200OK;
        return false;
    }

    private sealed class Transformer(Uri address, bool mayRetry) : HttpTransformer
    {
        // The client's keys are this router's affair; members are let in without.
        private static readonly string[] Withheld = ["Authorization", "Cookie", "Api-Key", "X-Api-Key", PeerHeaders.WantsTokens];

        private static readonly string[] Own = [PeerHeaders.MachineTag, PeerHeaders.Node];

        /// <summary>What the instance has answered; null: nothing.</summary>
        public int? Status { get; private set; }

        public bool IsKeptBack { get; private set; }

        public override async ValueTask TransformRequestAsync(
            HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            proxyRequest.RequestUri = address;
            proxyRequest.Headers.Host = null;
            foreach (var name in Withheld)
            {
                proxyRequest.Headers.Remove(name);
            }
        }

        public override async ValueTask<bool> TransformResponseAsync(
            HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
        {
            Status = (int?)proxyResponse?.StatusCode;
            IsKeptBack = mayRetry && Status is { } status && PeerStatus.IsWorthRetry(status);
            if (IsKeptBack || proxyResponse is null)
            {
                return false;
            }

            // The answer's own headers say who has made it.
            foreach (var name in Own.Where(proxyResponse.Headers.Contains))
            {
                httpContext.Response.Headers.Remove(name);
            }

            return await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        }
    }
}
