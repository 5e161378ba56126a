using System.IO.Compression;
using System.Net;
using System.Text.RegularExpressions;
using ManagedSwarm.Server.Pages.Assets;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Server.P2pApi;

namespace ManagedSwarm.Tests.Server.Pages;

public sealed class PageAssetsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Names() => ["app.css", "page.js", "favicon.svg", "blazor.web.js"];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Is_sent_compressed_and_may_be_kept(string name)
    {
        await using var node = await SwarmServer.StartAsync();
        using var http = new HttpClient { BaseAddress = node.Http.BaseAddress };
        var plain = await http.GetByteArrayAsync(PageAssets.UrlOf(name), Cancellation);

        http.DefaultRequestHeaders.Add("Accept-Encoding", "gzip, deflate, br, zstd");
        using var brotli = await http.GetAsync(PageAssets.UrlOf(name), Cancellation);
        Assert.Equal("br", Assert.Single(brotli.Content.Headers.ContentEncoding));
        Assert.Equal((true, TimeSpan.FromDays(365)), (brotli.Headers.CacheControl!.Public, brotli.Headers.CacheControl.MaxAge!.Value));
        await using var inflated = new BrotliStream(await brotli.Content.ReadAsStreamAsync(Cancellation), CompressionMode.Decompress);
        using var content = new MemoryStream();
        await inflated.CopyToAsync(content, Cancellation);
        Assert.Equal(plain, content.ToArray());

        http.DefaultRequestHeaders.TryAddWithoutValidation("If-None-Match", brotli.Headers.ETag!.ToString());
        using var again = await http.GetAsync(PageAssets.UrlOf(name), Cancellation);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
    }

    [Fact]
    public async Task Is_not_there_under_another_hash()
    {
        await using var node = await SwarmServer.StartAsync();

        using var response = await node.Http.GetAsync("/assets/app.0123456789abcdef.css", Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    /// <summary>The whole of a page is found, wherever the program is started from.</summary>
    [Fact]
    public async Task All_that_a_page_names_is_there()
    {
        await using var node = await SwarmServer.StartAsync();
        var page = await node.Http.GetStringAsync("/swarm", Cancellation);
        var names = Regex.Matches(page, "(?:href|src)=\"(/assets/[^\"]+)\"").Select(match => match.Groups[1].Value).ToList();

        Assert.True(names.Count >= 4, page);
        foreach (var name in names)
        {
            using var response = await node.Http.GetAsync(name, Cancellation);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    /// <summary>All pages have all styles: what one page says of elements without a class, the others would have to take back.</summary>
    [Theory]
    [InlineData("Swarm/swarm.css")]
    [InlineData("Models/models.css")]
    [InlineData("Chat/chat.css")]
    public void A_page_has_styles_for_its_own_classes_alone(string file)
    {
        var text = File.ReadAllText(Repository.File(Path.Combine("Server", "Pages", file)));
        text = Regex.Replace(text, @"/\*.*?\*/|@keyframes [\w-]+ \{(?:[^{}]|\{[^{}]*\})*\}|@media [^{]*\{", "", RegexOptions.Singleline);
        var selectors = Regex.Matches(text, @"([^{}]+)\{[^{}]*\}").SelectMany(rule => rule.Groups[1].Value.Split(',')).Select(selector => selector.Trim()).ToList();

        Assert.True(selectors.Count > 20, text);
        Assert.All(selectors, selector => Assert.Matches(@"\.[a-z]", selector));
    }
}
