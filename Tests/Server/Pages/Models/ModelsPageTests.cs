using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Gguf;
using ManagedSwarm.Server.Commands;
using ManagedSwarm.Server.Pages;
using ManagedSwarm.Server.Pages.Models;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Server.Commands;
using ManagedSwarm.Tests.Server.EndToEnd;
using Microsoft.Playwright;

namespace ManagedSwarm.Tests.Server.Pages.Models;

/// <summary>The Models page in a browser, its numbers beside the API's.</summary>
public sealed class ModelsPageTests(Browser browser) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Shows_of_a_spread_model_what_the_API_tells_and_unloads_it_everywhere()
    {
        await using var workers = await Workers.StartAsync(_folder, 2, "--address", "127.0.0.1:0");
        for (var i = 0; i < workers.Count; i++)
        {
            await workers[i].ServesAsync();
        }

        await using var head = NodeProgram.Start(
            _folder.File("head"),
            [
                "run", ServedFile.Tales, "--token", workers.Token, "--address", "127.0.0.1:0", "--node-name", "the head", .. NodeProgram.Loopback,
                "--layers", "self=0..0", "--layers", "w0=1..2", "--layers", "w1=3..3",
            ]);
        await head.ServesAsync();
        var swarm = await head.ShowsAsync("/api/swarm", (JsonNode swarm) => swarm["members"]!.AsArray() is [var self, ..]
            && self!["models"]!.AsArray() is [{ } model] && ((string)model["hash"]!).Length > 0 && swarm["split"] is not null);
        var told = swarm["members"]![0]!["models"]![0]!;

        await using var window = await OpenAsync(head);
        var entry = window.Page.Locator(".models-entry");
        await Assertions.Expect(entry).ToHaveAttributeAsync("data-hash", (string)told["hash"]!);
        await Assertions.Expect(entry.Locator("[data-value]").First).ToHaveAttributeAsync("data-value", ((long)told["bytes"]!).ToString(CultureInfo.InvariantCulture));
        await Assertions.Expect(entry.GetByText("0..0 on the head (this node)")).ToBeVisibleAsync();
        await Assertions.Expect(entry.GetByText("1..2 on w0")).ToBeVisibleAsync();
        await Assertions.Expect(entry.GetByText("3..3 on w1")).ToBeVisibleAsync();
        await Assertions.Expect(window.Page.GetByText("1 of 4")).ToBeVisibleAsync();
        var (weights, kv) = MemoryOfFirstLayer();
        await Assertions.Expect(window.Page.Locator(".models-facts div", new() { HasText = "Weights" }).Locator("dd")).ToHaveAttributeAsync("data-value", weights);
        await Assertions.Expect(window.Page.Locator(".models-facts div", new() { HasText = "Keys" }).Locator("dd")).ToHaveAttributeAsync("data-value", kv);
        window.AssertClean();

        await using var ofWorker = await OpenAsync(workers[0]);
        await Assertions.Expect(ofWorker.Page.Locator("tbody tr")).ToHaveTextAsync(new Regex(@"tales\s+1\.\.2\s+[0-9.]+ [KM]iB\s+the head\s+running"));

        await Button(window.Page, "Unload…").ClickAsync();
        await Button(window.Page, "Keep").ClickAsync();
        await Button(window.Page, "Unload…").ClickAsync();
        await Button(window.Page, "Unload").ClickAsync();
        await Assertions.Expect(window.Page.GetByText("tales is unloaded.")).ToBeVisibleAsync();
        await Assertions.Expect(ofWorker.Page.Locator("tbody tr")).ToHaveCountAsync(0);
        await workers[0].ShowsAsync("/api/swarm", (JsonNode swarm) => swarm["members"]!.AsArray().All(member => member!["layers"]!.AsArray().Count == 0));
        ofWorker.AssertClean();
    }

    [Fact]
    public async Task Shows_a_node_without_a_swarm_and_can_free_its_model()
    {
        await using var server = await RunningServer.StartAsync();
        await using var window = await browser.OpenAsync(server.Http.BaseAddress!);
        await window.GoAsync("/loaded");
        await Assertions.Expect(window.Page.Locator(".models-id")).ToHaveTextAsync(FakeModel.DefaultId);
        await Assertions.Expect(window.Page.GetByText($"{FakeModel.Context} tokens")).ToBeVisibleAsync();

        await Button(window.Page, "Unload…").ClickAsync();
        await Button(window.Page, "Unload").ClickAsync();

        await Assertions.Expect(window.Page.GetByText("The model was unloaded")).ToBeVisibleAsync();
        using var answer = await server.Http.GetAsync("/v1/models", TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        window.AssertClean();
    }

    [Fact]
    public async Task Is_readable_without_scripts()
    {
        await using var server = await RunningServer.StartAsync();
        await using var window = await browser.OpenAsync(server.Http.BaseAddress!, options => options.JavaScriptEnabled = false);
        await window.Page.GotoAsync("/loaded");

        await Assertions.Expect(window.Page.Locator(".models-id")).ToHaveTextAsync(FakeModel.DefaultId);
        await Assertions.Expect(Button(window.Page, "Unload…")).ToBeDisabledAsync();
    }

    public static TheoryData<string> Commands => [.. ModelCommands.All.Select(one => one.Command)];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Each_command_is_one_that_the_program_takes(string command)
    {
        var words = command.Split(' ');
        Assert.Equal(CommandLine.ProgramName, words[0]);

        await using var run = new RecordedRun([.. words[1..].Select(word => word == "127.0.0.1:8081" ? "127.0.0.1:0" : word), .. AddressFor(words)]);

        await run.ListeningAsync();
    }

    private static IEnumerable<string> AddressFor(string[] words) => words.Contains("--address") ? [] : ["--address", "127.0.0.1:0"];

    /// <summary>What the planner counts for a head that has the first layer of the model that ships.</summary>
    private static (string Weights, string Kv) MemoryOfFirstLayer()
    {
        using var file = GgufFile.Open(ServedFile.Tales);
        var (weights, options) = (new ModelWeights(file), new ModelOptions());
        var memory = ModelMemory.Of(weights, options.KvCacheFor(weights.Config), options.Device, options.Kernels);
        return (ShownValue.Count(memory.HeadWeights + memory.LayerWeights[0]), ShownValue.Count(memory.KvPerLayer));
    }

    private async Task<BrowserPage> OpenAsync(NodeProgram node)
    {
        var window = await browser.OpenAsync(node.Http.BaseAddress!);
        await window.GoAsync("/loaded");
        return window;
    }

    private static ILocator Button(IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });
}
