using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>Sends requests to this very program, by the address that it listens on.</summary>
internal sealed class OwnHttp(IServer server) : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Sends one, and waits for the headers of its answer.</summary>
    /// <param name="request">To a path.</param>
    /// <param name="cancellationToken">Ends it, and its answer.</param>
    /// <exception cref="HttpRequestException">It is not answered.</exception>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.RequestUri = new Uri(AddressOf(server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses), request.RequestUri!);
        return _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    public void Dispose() => _client.Dispose();

    /// <summary>How this machine reaches itself where it listens.</summary>
    /// <param name="addresses">As Kestrel tells them; one at least is of HTTP.</param>
    internal static Uri AddressOf(IEnumerable<string> addresses)
    {
        var first = addresses.First(address => address.StartsWith(Uri.UriSchemeHttp, StringComparison.Ordinal));
        var address = new UriBuilder(first);
        if (IPAddress.TryParse(address.Host, out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)))
        {
            address.Host = IPAddress.Loopback.ToString();
        }

        return address.Uri;
    }
}
