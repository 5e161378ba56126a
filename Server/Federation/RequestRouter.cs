using ManagedSwarm.Server.Diagnostics;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Server.Federation;

/// <summary>
/// Sends a request to an instance that has its model, and to another where that fails: as long as the client has seen nothing of an answer, or
/// where the other can go on with it.
/// </summary>
internal sealed class RequestRouter(
    PeerTable peers,
    PassThrough passThrough,
    StreamRelay relay,
    RetryBudget budget,
    FederationMetrics metrics,
    RouterOptions options,
    ILogger<RequestRouter> logger)
{
    /// <summary>Answers a request.</summary>
    /// <param name="http">The client's.</param>
    /// <param name="path">The path at the instance.</param>
    /// <param name="here">Answers it on this node.</param>
    /// <exception cref="ApiException">Nothing was sent: the request is bad, its model unknown, or nobody can answer.</exception>
    public async Task RouteAsync(HttpContext http, string path, RequestDelegate here)
    {
        var models = peers.Models;
        var request = await RouteRequest.ReadAsync(http, models is [var only] ? only.Id : null);
        if (!peers.MayCome(request.Model))
        {
            throw FederationErrors.ModelNotFound(request.Model, models.Select(model => model.Id));
        }

        budget.Deposit();
        var showsNode = http.Response.Headers.ContainsKey(PeerHeaders.Node);
        var reply = request.IsStream ? new RelayedReply() : null;
        var tried = new HashSet<PeerId>();
        while (peers.TryBegin(request, tried, reply is null ? null : reply.CanBeOf) is { } lease)
        {
            bool isDone;
            using (lease)
            {
                tried.Add(lease.Id);
                if (showsNode && !http.Response.HasStarted)
                {
                    http.Response.Headers[PeerHeaders.Node] = lease.Id.ToString();
                }

                var mayRetry = tried.Count < options.MaxAttempts && !lease.IsLast;
                isDone = await SendAsync(http, path, here, request, reply, lease, mayRetry);
            }

            metrics.Ended(lease);

            if (isDone)
            {
                return;
            }

            if (tried.Count >= options.MaxAttempts || !budget.TryWithdraw(lease.Outcome, tried.Count))
            {
                break;
            }

            metrics.Retried(lease);
            ServerLog.RequestRetried(logger, lease.Name, request.Model);
        }

        if (reply is { HasBegun: true })
        {
            await reply.BreakOffAsync(http);
            return;
        }

        throw FederationErrors.NoInstance(request.Model, Reason(tried.Count), options.RetryAfter);
    }

    private Task<bool> SendAsync(
        HttpContext http, string path, RequestDelegate here, RouteRequest request, RelayedReply? reply, RouteLease lease, bool mayRetry) =>
        reply is not null ? relay.TrySendAsync(http, path, request, reply, lease, mayRetry)
        : lease.IsSelf ? AnswerHereAsync(http, here, request, lease, mayRetry)
        : passThrough.TrySendAsync(http, path, request, lease, mayRetry);

    /// <summary>This node is an instance, too.</summary>
    private static async Task<bool> AnswerHereAsync(HttpContext http, RequestDelegate here, RouteRequest request, RouteLease lease, bool mayRetry)
    {
        http.Request.Body = new MemoryStream(request.Body.ToArray(), writable: false);
        try
        {
            await here(http);
            lease.Answered(http.Response.StatusCode);
            return true;
        }
        catch (ApiException exception) when (mayRetry && !http.Response.HasStarted && PeerStatus.IsWorthRetry(exception.Error.Status))
        {
            lease.Answered(exception.Error.Status);
            return false;
        }
    }

    private static string Reason(int tried) => tried switch
    {
        0 => "none that has it is there, or those that are have failed lately; try again shortly",
        1 => "the one that was asked has failed; try again shortly",
        _ => $"the {tried} that were asked have failed; try again shortly",
    };
}
