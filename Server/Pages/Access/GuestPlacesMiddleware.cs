using ManagedSwarm.Server.P2pApi;

namespace ManagedSwarm.Server.Pages.Access;

/// <summary>Gives the connections of guests' pages their places, as long as there are any.</summary>
internal sealed class GuestPlacesMiddleware(RequestDelegate next, GuestPlaces places)
{
    public Task InvokeAsync(HttpContext http)
    {
        var path = http.Request.Path;
        if (PageAccess.MayAct(http.User))
        {
            return next(http);
        }

        if (path.Equals(PagePaths.HubNegotiation))
        {
            return places.AreTaken ? throw SwarmErrors.TooManyGuests(GuestPlaces.Max) : next(http);
        }

        return path.Equals(PagePaths.Hub) && !HttpMethods.IsPost(http.Request.Method) && !HttpMethods.IsDelete(http.Request.Method)
            ? ConnectAsync(http)
            : next(http);
    }

    private async Task ConnectAsync(HttpContext http)
    {
        // What polls is connected between its requests, too, where nobody could count it.
        if (!http.WebSockets.IsWebSocketRequest)
        {
            throw SwarmErrors.NoWebSocket();
        }

        if (!places.TryTake())
        {
            throw SwarmErrors.TooManyGuests(GuestPlaces.Max);
        }

        try
        {
            await next(http);
        }
        finally
        {
            places.GiveBack();
        }
    }
}
