using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Server.Serving;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.P2pApi;

/// <summary><c>/api/swarm</c>: the members with all that is known of them, what happens to them, and what may be done to them.</summary>
internal sealed class SwarmEndpoints(
    SwarmService swarm, ModelSlot models, ModelService serving, SwarmEventStream events, LocalAccess access, TimeProvider time)
{
    public const string Path = "/api/swarm";
    public const string EventsPath = Path + "/events";
    public const string TrialsPath = Path + "/trials";
    public const string DrainPath = Path + "/drain";
    public const string UnloadPath = Path + "/unload";

    private const string Self = "self";
    public const string Draining = "draining";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, http => JsonAnswer.WriteAsync(
            http, StatusCodes.Status200OK, MemberView.Of(swarm, time.GetUtcNow()) with { Split = models.Stages?.Split }, SwarmJson.Wire.SwarmBody));
        routes.MapGet(EventsPath, events.WriteAsync);
        routes.MapGet(TrialsPath, http => JsonAnswer.WriteAsync(
            http, StatusCodes.Status200OK, new TrialList([.. (swarm.Current?.Trials ?? []).Select(MemberView.Of)]), SwarmJson.Wire.TrialList));
        routes.MapPost(DrainPath + "/{peer}", access.Guard(DrainAsync));
        routes.MapPost(UnloadPath, access.Guard(UnloadAsync));
    }

    private async Task DrainAsync(HttpContext http)
    {
        var peer = Uri.UnescapeDataString((string)http.Request.RouteValues["peer"]!);
        var joined = swarm.Current ?? throw SwarmErrors.P2pOff();
        var member = Find(joined, peer);
        if (!member.IsSelf)
        {
            await DrainAsync(member, http);
            return;
        }

        await swarm.HandOverAsync(http.RequestAborted);
        await swarm.LeaveAsync();
        await JsonAnswer.WriteAsync(
            http, StatusCodes.Status200OK, new DrainBody(member.Id.ToString(), MemberView.NameOf(MemberState.Left)), SwarmJson.Wire.DrainBody);
    }

    private async Task DrainAsync(SwarmMember member, HttpContext http)
    {
        try
        {
            await swarm.DrainAsync(member, http.RequestAborted);
        }
        catch (SwarmException exception)
        {
            throw SwarmErrors.NotDrained(member.Facts.Name, exception);
        }

        await JsonAnswer.WriteAsync(http, StatusCodes.Status202Accepted, new DrainBody(member.Id.ToString(), Draining), SwarmJson.Wire.DrainBody);
    }

    private async Task UnloadAsync(HttpContext http)
    {
        using var body = await RequestBody.ReadJsonAsync(http.Request, http.RequestAborted);
        var parameters = new JsonParameters(body.RootElement, "");
        var model = parameters.Text("model") ?? throw OpenAiErrors.Missing("model", "the id of a model");
        parameters.End();
        var joined = swarm.Current ?? throw SwarmErrors.P2pOff();
        var stages = swarm.Stages?.Host is { } host ? await host.UnloadAsync(model, http.RequestAborted) : 0;
        var isServed = await serving.UnloadAsync(model);
        if (stages == 0 && !isServed)
        {
            throw SwarmErrors.ModelNotHere(
                model, [.. joined.Members.Where(member => member.Facts.Models.Any(its => its.Id == model)).Select(member => member.Facts.Name)]);
        }

        await JsonAnswer.WriteAsync(http, StatusCodes.Status200OK, new UnloadedBody(model, stages, isServed), SwarmJson.Wire.UnloadedBody);
    }

    private static SwarmMember Find(ISwarm joined, string peer)
    {
        var found = joined.Members
            .Where(member => peer == Self ? member.IsSelf : member.Id.ToString() == peer)
            .ToList();
        var named = joined.Members.Where(member => member.Facts.Name == peer).ToList();
        return found is [var member] ? member : named is [var only] ? only : throw SwarmErrors.PeerNotFound(peer);
    }
}
