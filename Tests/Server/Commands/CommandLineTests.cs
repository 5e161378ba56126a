using System.Net;
using System.Net.Sockets;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Server.Commands;

namespace ManagedSwarm.Tests.Server.Commands;

public sealed class CommandLineTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Serves_on_a_free_port_until_it_is_interrupted()
    {
        await using var run = new RecordedRun(["run", "--address", "127.0.0.1:0", "--model-name", "mine"]);
        var address = await run.ListeningAsync();
        using var http = new HttpClient { BaseAddress = address };

        var models = await http.GetStringAsync("/v1/models", Cancellation);
        await run.TerminateAsync();

        Assert.Equal(0, await run.ExitCodeAsync());
        Assert.NotEqual(0, address.Port);
        Assert.Contains("\"mine\"", models, StringComparison.Ordinal);
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync("/v1/models", Cancellation));
    }

    [Fact]
    public async Task Serves_without_any_argument()
    {
        string? loaded = null;
        await using var run = new RecordedRun(
            [],
            new Dictionary<string, string> { ["MANAGEDSWARM_ADDRESS"] = "127.0.0.1:0" },
            (path, _, _, _, _, _, _) =>
            {
                loaded = path;
                return Task.FromResult<ManagedSwarm.Server.OpenAi.IServedModel>(new FakeModel(new ScriptedGenerator()));
            });

        await run.ListeningAsync();

        Assert.Equal(Path.Combine(AppContext.BaseDirectory, "models", "tales.gguf"), loaded);
        Assert.True(File.Exists(loaded));
    }

    [Fact]
    public async Task Listens_on_all_addresses_with_a_warning_where_no_key_is_set()
    {
        await using var run = new RecordedRun(["run", "--address", ":0"]);
        var address = await run.ListeningAsync();
        using var http = new HttpClient();

        using var response = await http.GetAsync(new Uri($"http://127.0.0.1:{address.Port}/healthz"), Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("warning: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_interrupted_while_it_loads()
    {
        var loading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var run = new RecordedRun(["run", "--address", "127.0.0.1:0"], load: async (_, _, _, _, _, _, cancellation) =>
        {
            loading.SetResult();
            await Task.Delay(Timeout.Infinite, cancellation);
            throw new InvalidOperationException("never here");
        });

        await loading.Task.WaitAsync(Cancellation);
        await run.TerminateAsync();

        Assert.Equal(130, await run.ExitCodeAsync());
    }

    [Fact]
    public async Task Takes_options_from_the_command_line_before_the_environment_before_the_default()
    {
        ModelOptions? options = null;
        await using var run = new RecordedRun(
            ["run", "model.gguf", "--address", "127.0.0.1:0", "--threads", "3", "--kernels", "fast"],
            new Dictionary<string, string> { ["MANAGEDSWARM_THREADS"] = "5", ["MANAGEDSWARM_CONTEXT"] = "77", ["MANAGEDSWARM_KV"] = "" },
            (path, id, given, _, _, _, _) =>
            {
                options = given;
                return Task.FromResult<ManagedSwarm.Server.OpenAi.IServedModel>(new FakeModel(new ScriptedGenerator()));
            });

        await run.ListeningAsync();

        Assert.Equal((3, 77, KvType.F16, DeviceKind.Cpu), (options!.Threads, options.ContextLength, options.KvType, options.Device));
        Assert.Equal(KernelKind.Fast, options.Kernels);
    }

    [Fact]
    public async Task Takes_several_keys_from_the_environment()
    {
        await using var run = new RecordedRun(["run"], new Dictionary<string, string>
        {
            ["MANAGEDSWARM_ADDRESS"] = "127.0.0.1:0",
            ["MANAGEDSWARM_API_KEY"] = "one,two",
        });
        using var http = new HttpClient { BaseAddress = await run.ListeningAsync() };
        http.DefaultRequestHeaders.Authorization = new("Bearer", "two");

        using var response = await http.GetAsync("/v1/models", Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("--address 8080", "--address: expected HOST:PORT", "found '8080'")]
    [InlineData("--address example.org:80", "--address: expected HOST:PORT", "found 'example.org:80'")]
    [InlineData("--address 127.0.0.1:65536", "--address", "found '127.0.0.1:65536'")]
    [InlineData("--context -1", "--context: expected a whole number from 0", "found '-1'")]
    [InlineData("--context many", "--context", "found 'many'")]
    [InlineData("--threads 1.5", "--threads", "found '1.5'")]
    [InlineData("--device gpu", "--device: expected 'cpu', 'cuda', 'torch-cpu'", "found 'gpu'")]
    [InlineData("--kernels quick", "--kernels: expected 'fast' or 'reference'", "found 'quick'")]
    [InlineData("--kv q8", "--kv: expected 'f16', 'f32', 'q8_0'", "found 'q8'")]
    [InlineData("--api-key one,two", "--api-key: expected visible ASCII", "found '***'")]
    [InlineData("--log-level loud", "--log-level", "found 'loud'")]
    [InlineData("--adress :80", "unknown option '--adress'", "--help")]
    [InlineData("--context", "--context", "--help")]
    [InlineData("--kv f16 --kv f32", "--kv", "--help")]
    [InlineData("one.gguf two.gguf", "unexpected 'two.gguf'", "--help")]
    public async Task Refuses_bad_options_in_one_line(string options, string says, string alsoSays)
    {
        await using var run = new RecordedRun(["run", .. options.Split(' ')]);

        var line = await run.FailsAsync(exitCode: 2);

        Assert.Contains(says, line, StringComparison.Ordinal);
        Assert.Contains(alsoSays, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_the_variable_where_the_environment_is_wrong()
    {
        await using var run = new RecordedRun(["run"], new Dictionary<string, string> { ["MANAGEDSWARM_THREADS"] = "lots" });

        Assert.Contains("MANAGEDSWARM_THREADS: expected a whole number", await run.FailsAsync(exitCode: 2), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_an_unknown_command()
    {
        await using var run = new RecordedRun(["walk"]);

        Assert.Contains("unknown command 'walk': expected 'run'", await run.FailsAsync(exitCode: 2), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_that_options_stand_behind_a_command()
    {
        await using var run = new RecordedRun(["--address", ":80"]);

        Assert.Contains("expected a command before '--address': 'run'", await run.FailsAsync(exitCode: 2), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Never_takes_an_empty_file_name_for_none()
    {
        string? loaded = null;
        await using var run = new RecordedRun(
            ["run", "", "--address", "127.0.0.1:0"],
            load: (path, _, _, _, _, _, _) =>
            {
                loaded = path;
                return Task.FromResult<ManagedSwarm.Server.OpenAi.IServedModel>(new FakeModel(new ScriptedGenerator()));
            });

        await run.ListeningAsync();

        Assert.Equal("", loaded);
    }

    [Fact]
    public async Task Refuses_a_port_in_use()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        await using var run = new RecordedRun(["run", "--address", $"127.0.0.1:{port}"]);

        Assert.Contains($"cannot listen on 127.0.0.1:{port}: the port is in use", await run.FailsAsync(exitCode: 1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_an_address_of_another_machine()
    {
        // 192.0.2.0/24 belongs to nobody (RFC 5737).
        await using var run = new RecordedRun(["run", "--address", "192.0.2.1:0", "--api-key", "k"]);

        Assert.Contains("this machine does not have that address", await run.FailsAsync(exitCode: 1), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("run --help")]
    public async Task Helps_with_examples(string args)
    {
        await using var run = new RecordedRun(args.Split(' '));

        Assert.Equal(0, await run.ExitCodeAsync());
        Assert.Contains("Examples:", run.Output, StringComparison.Ordinal);
        Assert.Contains("managedswarm run model.gguf", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Helps_with_every_option_its_variable_and_its_default()
    {
        await using var run = new RecordedRun(["run", "--help"]);

        Assert.Equal(0, await run.ExitCodeAsync());
        foreach (var option in RunOptions.All)
        {
            Assert.Contains(option.IsFlag ? $"{option.LongName} " : $" <{option.ValueName}>", run.Output, StringComparison.Ordinal);
            Assert.Contains($"[env: MANAGEDSWARM_{option.Name.ToUpperInvariant().Replace('-', '_')}", run.Output, StringComparison.Ordinal);
            Assert.All(option.ForeignVariables, variable => Assert.Contains(variable.Name, run.Output, StringComparison.Ordinal));
            Assert.Contains(option.Description, run.Output, StringComparison.Ordinal);
        }

        Assert.Contains("[default: 127.0.0.1:8080]", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Shows_only_examples_that_it_understands()
    {
        var context = new CommandContext
        {
            Output = TextWriter.Null,
            Error = TextWriter.Null,
            IsTerminal = false,
            Environment = _ => null,
            LoadModel = (_, _, _, _, _, _, _) => throw new InvalidOperationException("not used"),
            StartSwarm = (_, _) => throw new InvalidOperationException("not used"),
            Terminated = CancellationToken.None,
        };

        foreach (var example in HelpWithExamples.Examples.Values.SelectMany(examples => examples))
        {
            string[] words = [.. example.Split(' ').SkipWhile(word => word.StartsWith("MANAGEDSWARM_", StringComparison.Ordinal))];
            Assert.Equal("managedswarm", words[0]);
            var parsed = CommandLine.Parse(words[1..], context);
            Assert.Empty(parsed.Errors);
            var options = words[1] switch
            {
                "run" => RunOptions.All,
                "worker" => WorkerOptions.All,
                "federated" => FederatedCommand.Options,
                "plan" => PlanOptions.All,
                "drill" => DrillOptions.All,
                "swarm" => SwarmCommand.OptionsOf(words[2]),
                "peer" => PeerOptions.Of(words[2]),
                _ => words[2] == "new" ? TokenOptions.All : [],
            };
            Assert.Equal(options.Select(option => option.LongName), parsed.CommandResult.Command.Options.Select(option => option.Name));
        }
    }

    [Fact]
    public async Task Prints_its_version()
    {
        await using var run = new RecordedRun(["--version"]);

        Assert.Equal(0, await run.ExitCodeAsync());
        Assert.Matches(@"^\d+\.\d+\.\d+", run.Output);
    }
}
