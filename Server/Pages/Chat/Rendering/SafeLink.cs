namespace ManagedSwarm.Server.Pages.Chat.Rendering;

/// <summary>Addresses that a model's text may lead to: nothing that runs, and nothing on this node's own pages.</summary>
internal static class SafeLink
{
    private const int MaxLength = 2048;
    private static readonly string[] Schemes = [Uri.UriSchemeHttp, Uri.UriSchemeHttps, Uri.UriSchemeMailto];

    /// <returns>The address as a browser is given it; null: it is none to be given.</returns>
    public static string? Of(string? address) =>
        address is { Length: > 0 and <= MaxLength }
        && !address.Any(char.IsControl)
        && Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && Schemes.Contains(uri.Scheme)
        // Who reads 'https://bank.example@elsewhere.example' takes it for the bank's.
        && (uri.UserInfo.Length == 0 || uri.Scheme == Uri.UriSchemeMailto)
            ? uri.AbsoluteUri
            : null;
}
