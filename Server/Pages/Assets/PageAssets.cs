using System.Collections.Frozen;
using System.Reflection;
using Microsoft.Net.Http.Headers;

namespace ManagedSwarm.Server.Pages.Assets;

/// <summary>
/// The files that pages need: all <c>.css</c>, <c>.js</c> and <c>.svg</c> below <c>Server/Pages</c>, by their names without folders, and
/// Blazor's own script. They are inside of the program, and sent compressed.
/// </summary>
internal static class PageAssets
{
    private const string Prefix = "pages/";
    private const string MainStyle = "app.css";

    private static readonly Lazy<FrozenDictionary<string, PageAsset>> All = new(Read);
    private static readonly Lazy<FrozenDictionary<string, PageAsset>> ByUrl = new(() => All.Value.Values.ToFrozenDictionary(asset => asset.UrlName));

    /// <summary>The addresses of all style sheets: what all pages have in common, then each page's own.</summary>
    public static IEnumerable<string> Styles => All.Value.Keys
        .Where(name => name.EndsWith(".css", StringComparison.Ordinal))
        .OrderBy(name => name != MainStyle)
        .ThenBy(name => name, StringComparer.Ordinal)
        .Select(UrlOf);

    /// <summary>A file's address: <c>/assets/app.0123456789abcdef.css</c>.</summary>
    /// <param name="name">Such as <c>app.css</c>.</param>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public static string UrlOf(string name) => $"{Access.PagePaths.Assets}/{All.Value[name].UrlName}";

    /// <summary>Sends the file whose name is in the route.</summary>
    public static Task WriteAsync(HttpContext http)
    {
        if (!ByUrl.Value.TryGetValue((string)http.Request.RouteValues["name"]!, out var asset))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        var (bytes, encoding) = asset.EncodedFor(http.Request.Headers.AcceptEncoding.ToString());
        var tag = $"\"{asset.UrlName}{encoding}\"";
        var headers = http.Response.Headers;
        headers.ETag = tag;
        headers.CacheControl = "public, max-age=31536000, immutable";
        headers.Vary = HeaderNames.AcceptEncoding;
        if (http.Request.Headers.IfNoneMatch == tag)
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        headers.ContentEncoding = encoding;
        http.Response.ContentType = asset.ContentType;
        http.Response.ContentLength = bytes.Length;
        return http.Response.Body.WriteAsync(bytes, http.RequestAborted).AsTask();
    }

    private static FrozenDictionary<string, PageAsset> Read()
    {
        var program = typeof(PageAssets).Assembly;
        return program.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .ToFrozenDictionary(name => name[Prefix.Length..], name => new PageAsset(name[Prefix.Length..], Read(program, name)), StringComparer.Ordinal);
    }

    private static byte[] Read(Assembly program, string name)
    {
        using var stream = program.GetManifestResourceStream(name)!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
