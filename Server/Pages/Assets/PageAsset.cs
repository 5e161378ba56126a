using System.IO.Compression;
using System.Security.Cryptography;

namespace ManagedSwarm.Server.Pages.Assets;

/// <summary>A file that pages need, as it is sent. Its address has its hash, so a browser may keep it for ever.</summary>
internal sealed class PageAsset
{
    private const int HashChars = 16;
    private const int BrotliQuality = 6;
    private const int BrotliWindow = 22;

    private readonly Lazy<byte[]> _brotli;
    private readonly Lazy<byte[]> _gzip;

    public PageAsset(string name, byte[] content)
    {
        Content = content;
        ContentType = TypeOf(Path.GetExtension(name));
        var hash = Convert.ToHexStringLower(SHA256.HashData(content))[..HashChars];
        UrlName = $"{Path.GetFileNameWithoutExtension(name)}.{hash}{Path.GetExtension(name)}";
        _brotli = new(() => CompressBrotli(content));
        _gzip = new(() => CompressGzip(content));
    }

    /// <summary>Its name in addresses: <c>app.0123456789abcdef.css</c>.</summary>
    public string UrlName { get; }

    public string ContentType { get; }

    public byte[] Content { get; }

    /// <summary>Its bytes in the best way that a client understands, and that way's name; null: as they are.</summary>
    /// <param name="accepted">What it says in <c>Accept-Encoding</c>.</param>
    public (byte[] Bytes, string? Encoding) EncodedFor(string accepted) =>
        Accepts(accepted, "br") ? (_brotli.Value, "br")
        : Accepts(accepted, "gzip") ? (_gzip.Value, "gzip")
        : (Content, null);

    // Browsers name what they accept without weights; whoever says more gets it as it is.
    private static bool Accepts(string accepted, string encoding) =>
        accepted.Split(',', StringSplitOptions.TrimEntries).Contains(encoding, StringComparer.OrdinalIgnoreCase);

    private static string TypeOf(string extension) => extension switch
    {
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => throw new ArgumentException($"a page's file is of an unknown type: '{extension}'", nameof(extension)),
    };

    private static byte[] CompressBrotli(byte[] content)
    {
        var compressed = new byte[BrotliEncoder.GetMaxCompressedLength(content.Length)];
        return BrotliEncoder.TryCompress(content, compressed, out var length, BrotliQuality, BrotliWindow)
            ? compressed[..length]
            : throw new InvalidOperationException($"{content.Length} bytes did not fit {compressed.Length} when compressed");
    }

    private static byte[] CompressGzip(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal))
        {
            gzip.Write(content);
        }

        return compressed.ToArray();
    }
}
