using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Transport.Libp2p.Interop;

/// <summary>Where the js peer cannot be had, the tests that need it are skipped and say why.</summary>
public sealed class JsPackagesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("js-packages-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Without_npm_the_reason_names_it()
    {
        var missing = await JsPackages.InstallAsync("no-npm-of-this-name", _folder, Cancellation);
        Assert.Equal("needs npm, which comes with node: https://nodejs.org", missing);
    }

    [Fact]
    public async Task Without_a_network_the_reason_is_what_npm_says()
    {
        foreach (var name in (string[])["package.json", "package-lock.json"])
        {
            File.Copy(Path.Combine(JsPackages.Folder, name), Path.Combine(_folder, name));
        }

        using var port = new RefusedPort();
        var missing = await JsPackages.InstallAsync("npm", _folder, Cancellation, new Dictionary<string, string>
        {
            ["npm_config_registry"] = $"http://127.0.0.1:{port.EndPoint.Port}/",
            ["npm_config_cache"] = Path.Combine(_folder, "cache"),
            ["npm_config_fetch_retry_mintimeout"] = "1",
        });
        Assert.SkipWhen(missing?.StartsWith("needs npm,", StringComparison.Ordinal) == true, missing ?? "");
        Assert.Equal("needs npm's registry, or packages that were installed before: npm ci said ECONNREFUSED", missing);
    }

    [Fact]
    public void What_is_missing_skips_the_test()
    {
        JsPackages.Require(null);
        string? said = null;
        try
        {
            JsPackages.Require("needs npm");
        }
        catch (Exception skip)
        {
            // Not by Assert.Throws, which would skip this test too.
            said = skip.Message;
        }

        // How xunit tells a skipped test from a failed one.
        Assert.Equal("$XunitDynamicSkip$needs npm", said);
    }
}
