using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ManagedSwarm.Engine;
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

        await Button(window.Page, "Unload?").ClickAsync();
        await Button(window.Page, "Keep").ClickAsync();
        await Button(window.Page, "Unload?").ClickAsync();
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

        await Button(window.Page, "Unload?").ClickAsync();
        await Button(window.Page, "Unload").ClickAsync();

        await Assertions.Expect(window.Page.GetByText("No model is loaded")).ToBeVisibleAsync();
        using var answer = await server.Http.GetAsync("/v1/models", TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        window.AssertClean();
    }

    [Fact]
    public async Task Loads_another_model_in_the_place_of_the_first_and_frees_that_too()
    {
        await using var server = await StartWithFilesAsync((name, _) => Task.FromResult(name));
        await using var window = await browser.OpenAsync(server.Http.BaseAddress!);
        await window.GoAsync("/loaded");
        await Assertions.Expect(window.Page.Locator(".models-id")).ToHaveTextAsync("ant");
        Assert.Equal(["ant", "bee"], await window.Page.GetByLabel("Model", new() { Exact = true }).Locator("option").EvaluateAllAsync<string[]>("all => all.map(one => one.value)"));

        await window.Page.GetByLabel("Model", new() { Exact = true }).SelectOptionAsync("bee");
        await Button(window.Page, "Load?").ClickAsync();
        await Assertions.Expect(window.Page.GetByText("ant is unloaded first")).ToBeVisibleAsync();
        await Button(window.Page, "Load").ClickAsync();
        await Assertions.Expect(window.Page.Locator(".models-id")).ToHaveTextAsync("bee");

        await Button(window.Page, "Unload?").ClickAsync();
        await Button(window.Page, "Unload").ClickAsync();
        await Assertions.Expect(window.Page.GetByText("No model is loaded")).ToBeVisibleAsync();
        await window.Page.GetByLabel("Model", new() { Exact = true }).SelectOptionAsync("ant");
        await Button(window.Page, "Load").ClickAsync();
        await Assertions.Expect(window.Page.Locator(".models-id")).ToHaveTextAsync("ant");
        window.AssertClean();
    }

    [Fact]
    public async Task Shows_why_a_model_could_not_be_loaded_and_a_load_that_takes_long_can_be_given_up()
    {
        var isBroken = true;
        await using var server = await StartWithFilesAsync(async (name, cancellation) =>
        {
            if (name == "bee" && isBroken)
            {
                throw new EngineException("out_of_memory", "it needs 9 TB");
            }

            await (name == "bee" ? Task.Delay(Timeout.Infinite, cancellation) : Task.CompletedTask);
            return name;
        });
        await using var window = await browser.OpenAsync(server.Http.BaseAddress!);
        await window.GoAsync("/loaded");

        await LoadBeeAsync(window.Page);
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("it needs 9 TB");
        await Assertions.Expect(window.Page.Locator(".models-id")).ToHaveTextAsync("ant");

        isBroken = false;
        await LoadBeeAsync(window.Page);
        await Button(window.Page, "Give up?").ClickAsync();
        await Button(window.Page, "Give up").ClickAsync();
        await Assertions.Expect(window.Page.GetByText("No model is loaded")).ToBeVisibleAsync();
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
        window.AssertClean();
    }

    [Fact]
    public async Task Spreads_a_model_over_a_swarm_that_was_begun_after_the_start()
    {
        await using var head = NodeProgram.Start(
            _folder.File("head"),
            ["run", ServedFile.Tiny, "--models-dir", Path.GetDirectoryName(ServedFile.Tales)!, "--address", "127.0.0.1:0", "--node-name", "the head", .. NodeProgram.Loopback]);
        await head.ServesAsync();
        var settings = await head.AskAsync("/api/settings", new JsonObject { ["p2p_token"] = "0" });
        await using var worker = NodeProgram.Start(
            _folder.File("worker"), ["worker", "--token", (string)settings["p2p_token"]!, "--node-name", "w0", .. NodeProgram.Loopback]);
        await head.ShowsAsync("/api/swarm", (JsonNode swarm) => swarm["members"]!.AsArray().Count == 2);

        await using var window = await OpenAsync(head);
        await window.Page.GetByLabel("Model", new() { Exact = true }).SelectOptionAsync("tales");
        await window.Page.GetByLabel("Context, tokens").FillAsync("256");
        await window.Page.GetByLabel("Divided").SelectOptionAsync("even");
        await window.Page.GetByLabel("Workers, at least").FillAsync("1");
        await Button(window.Page, "Load?").ClickAsync();
        await Button(window.Page, "Load").ClickAsync();

        await Assertions.Expect(window.Page.GetByText("2..3 on w0")).ToBeVisibleAsync();
        await Assertions.Expect(window.Page.GetByText("256 tokens")).ToBeVisibleAsync();
        window.AssertClean();
        var reply = await head.AskAsync("/v1/completions", new JsonObject { ["model"] = "tales", ["prompt"] = "a fox", ["max_tokens"] = 4 });
        Assert.Equal(4, (int)reply["usage"]!["completion_tokens"]!);
    }

    [Fact]
    public async Task Is_readable_without_scripts()
    {
        await using var server = await RunningServer.StartAsync();
        await using var window = await browser.OpenAsync(server.Http.BaseAddress!, options => options.JavaScriptEnabled = false);
        await window.Page.GotoAsync("/loaded");

        await Assertions.Expect(window.Page.Locator(".models-id")).ToHaveTextAsync(FakeModel.DefaultId);
        await Assertions.Expect(Button(window.Page, "Unload?")).ToBeDisabledAsync();
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

    private static async Task LoadBeeAsync(IPage page)
    {
        await page.GetByLabel("Model", new() { Exact = true }).SelectOptionAsync("bee");
        await Button(page, "Load?").ClickAsync();
        await Button(page, "Load").ClickAsync();
    }

    /// <summary>A server with the files of two models, of which it has the first.</summary>
    /// <param name="load">Loads a model by its file's name, and gives it its id.</param>
    private async Task<RunningServer> StartWithFilesAsync(Func<string, CancellationToken, Task<string>> load)
    {
        foreach (var name in new[] { "ant", "bee" })
        {
            File.Copy(ServedFile.Tiny, _folder.File(name + ".gguf"));
        }

        var setup = FakeModelSetup.Create(
            async (path, _, _, _, _, _, cancellation) =>
                new FakeModel(new ScriptedGenerator()) { Id = await load(Path.GetFileNameWithoutExtension(path), cancellation) },
            _folder.File("ant.gguf"));
        var server = await RunningServer.StartAsync(loaded: false, options => options with { Models = setup });
        await server.Server.Serving.LoadAsync(setup.Catalog.First, null, TestContext.Current.CancellationToken);
        return server;
    }

    private async Task<BrowserPage> OpenAsync(NodeProgram node)
    {
        var window = await browser.OpenAsync(node.Http.BaseAddress!);
        await window.GoAsync("/loaded");
        return window;
    }

    private static ILocator Button(IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });
}
