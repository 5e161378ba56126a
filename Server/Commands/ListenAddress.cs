using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace ManagedSwarm.Server.Commands;

/// <summary>Where the server listens.</summary>
/// <param name="Address">An address of this machine; null: all of them, IPv4 and IPv6.</param>
/// <param name="Port">0: any free one.</param>
internal sealed record ListenAddress(IPAddress? Address, int Port)
{
    /// <summary>What <see cref="TryParse"/> accepts, in words.</summary>
    public const string Expected =
        "HOST:PORT with an IP address of this machine, 'localhost' or nothing (all addresses) before the colon, and 0 to 65535 behind it";

    /// <summary>Whether others than this machine can reach it.</summary>
    public bool IsPublic => Address is null || !IPAddress.IsLoopback(Address);

    /// <summary>Parses <c>127.0.0.1:8080</c>, <c>[::1]:8080</c>, <c>localhost:8080</c>, <c>0.0.0.0:8080</c>, <c>:8080</c>.</summary>
    public static bool TryParse(string text, [MaybeNullWhen(false)] out ListenAddress value)
    {
        value = null;
        var colon = text.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return false;
        }

        value = text[..colon] switch
        {
            "" => new(null, port),
            "localhost" => new(IPAddress.Loopback, port),
            ['[', .. var inner, ']'] when inner.Contains(':') && IPAddress.TryParse(inner, out var v6) => new(v6, port),
            // Four numbers only: IPAddress also takes "1" or "0x7f.1".
            var host when host.Count(c => c == '.') == 3 && IPAddress.TryParse(host, out var v4) => new(v4, port),
            _ => null,
        };
        return value is not null;
    }

    public override string ToString() => Address switch
    {
        null => $":{Port}",
        _ => new IPEndPoint(Address, Port).ToString(),
    };
}
