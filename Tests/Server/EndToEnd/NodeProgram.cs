using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Threading.Channels;

namespace ManagedSwarm.Tests.Server.EndToEnd;

/// <summary>The program as a process of its own, with a home of its own; ended with the test.</summary>
internal sealed class NodeProgram : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly Channel<string> _warnings = Channel.CreateUnbounded<string>();
    private readonly List<string> _said = [];
    private readonly Task _output;
    private readonly Task _errors;

    private NodeProgram(Process process)
    {
        _process = process;
        _output = ReadAsync(process.StandardOutput, _lines);
        _errors = ReadAsync(process.StandardError, _warnings);
    }

    public HttpClient Http { get; } = new() { Timeout = Limit };

    /// <summary>What it has printed so far.</summary>
    public string Said => string.Join('\n', _said);

    /// <summary>Starts one.</summary>
    /// <param name="home">Its folder.</param>
    /// <param name="arguments">As typed behind <c>managedswarm</c>.</param>
    public static NodeProgram Start(string home, params IEnumerable<string> arguments)
    {
        Directory.CreateDirectory(home);
        var runtime = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(home)!, "runtime")).FullName;
        string[] all = [Path.Combine(AppContext.BaseDirectory, "managedswarm.dll"), .. arguments];
        var start = new ProcessStartInfo("dotnet", all) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var variable in new[] { "HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME" })
        {
            start.Environment[variable] = home;
        }

        start.Environment["XDG_RUNTIME_DIR"] = runtime;
        return new(Process.Start(start)!);
    }

    /// <summary>Options that keep a member on loopback.</summary>
    public static IReadOnlyList<string> Loopback => ["--mdns", "off", "--p2p-listen", "/ip4/127.0.0.1/tcp/0"];

    /// <summary>Waits until it prints a line.</summary>
    /// <returns>The last group of the pattern.</returns>
    public Task<string> SaysAsync([StringSyntax(StringSyntaxAttribute.Regex)] string pattern) => FindAsync(_lines, pattern);

    /// <summary>Waits until it prints a line to standard error.</summary>
    /// <returns>The last group of the pattern.</returns>
    public Task<string> WarnsAsync([StringSyntax(StringSyntaxAttribute.Regex)] string pattern) => FindAsync(_warnings, pattern);

    /// <summary>Waits until it serves, and knows where.</summary>
    public async Task ServesAsync() => Http.BaseAddress = new Uri(await SaysAsync("^Listening on (http.*)$"));

    /// <summary>The answer to a request, which must be 200.</summary>
    public async Task<JsonNode> AskAsync(string path, JsonNode request)
    {
        using var response = await Http.PostAsJsonAsync(path, request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    /// <summary>Looks until what it shows is as wanted: a process tells others what has changed a moment after it did.</summary>
    /// <param name="path">Of its API.</param>
    /// <param name="isSo">Of the answer's text.</param>
    /// <returns>The first answer that is.</returns>
    public async Task<string> ShowsAsync(string path, Func<string, bool> isSo)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        var last = "";
        try
        {
            while (!isSo(last = await Http.GetStringAsync(path, limit.Token)))
            {
                await Task.Delay(LookAgain, limit.Token);
            }
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException($"{path} has not shown what was waited for within {Limit}, but: {last}");
        }

        return last;
    }

    /// <summary>Looks until what it shows is as wanted.</summary>
    /// <param name="path">Of its API.</param>
    /// <param name="isSo">Of the answer.</param>
    /// <returns>The first answer that is.</returns>
    public async Task<JsonNode> ShowsAsync(string path, Func<JsonNode, bool> isSo) =>
        JsonNode.Parse(await ShowsAsync(path, text => isSo(JsonNode.Parse(text)!)))!;

    /// <summary>Ends it as a power cut would.</summary>
    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        await _output;
        await _errors;
        _process.Dispose();
        Http.Dispose();
    }

    private async Task<string> FindAsync(Channel<string> lines, string pattern)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            await foreach (var line in lines.Reader.ReadAllAsync(limit.Token))
            {
                _said.Add(line);
                if (Regex.Match(line, pattern) is { Success: true } match)
                {
                    return match.Groups[^1].Value;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Said below.
        }

        _process.Kill();
        await _errors;
        var errors = _warnings.Reader.ReadAllAsync(CancellationToken.None).ToBlockingEnumerable(CancellationToken.None);
        throw new InvalidOperationException($"it has not said '{pattern}', but: {Said}\n{string.Join('\n', errors)}");
    }

    private static async Task ReadAsync(StreamReader reader, Channel<string> lines)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lines.Writer.TryWrite(line);
        }

        lines.Writer.Complete();
    }
}
