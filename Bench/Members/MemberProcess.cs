using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using ManagedSwarm.Bench.Processes;

namespace ManagedSwarm.Bench.Members;

/// <summary>A <c>managedswarm worker</c> of its own process, with a home of its own; all it says about the swarm is stamped as it comes.</summary>
internal sealed partial class MemberProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly Channel<MemberNews> _news = Channel.CreateUnbounded<MemberNews>();
    private readonly CancellationTokenSource _stop = new();
    private Task _listening = Task.CompletedTask;

    private MemberProcess(Process process) => _process = process;

    /// <summary>Its peer id.</summary>
    public string Id { get; private set; } = "";

    /// <summary>The token to hand on, where it has made one.</summary>
    public string? Token { get; private set; }

    /// <summary>What it says.</summary>
    public ChannelReader<MemberNews> News => _news.Reader;

    /// <summary>Starts one and waits until it says where it is.</summary>
    /// <param name="home">Its folder; the same again: the same peer.</param>
    /// <param name="runtime">The folder by which nodes of one machine find each other.</param>
    /// <param name="token">The swarm's; null: a new one.</param>
    public static async Task<MemberProcess> StartAsync(string home, string runtime, string? token)
    {
        Directory.CreateDirectory(home);
        Directory.CreateDirectory(runtime);
        string[] arguments =
        [
            ProgramFile.Path, "worker", "--p2p", "--mdns", "off",
            "--p2p-listen", "/ip4/127.0.0.1/tcp/0", "--address", "127.0.0.1:0",
        ];
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true };
        (start.Environment["HOME"], start.Environment["XDG_CONFIG_HOME"], start.Environment["XDG_RUNTIME_DIR"]) = (home, home, runtime);
        start.Environment["MANAGEDSWARM_TOKEN"] = token;
        var member = new MemberProcess(Process.Start(start)!);
        using var limit = new CancellationTokenSource(StartTimeout);
        await member.ReadStartAsync(limit.Token);
        return member;
    }

    /// <summary>Ends it as a power cut would.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Stops it in its tracks, or lets it run on.</summary>
    /// <param name="signal">STOP or CONT.</param>
    public void Signal(string signal) => Process.Start("kill", [$"-{signal}", $"{_process.Id}"]).WaitForExit();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _process.Kill();
        await _process.WaitForExitAsync();
        await _listening;
        _http.Dispose();
        _process.Dispose();
        _stop.Dispose();
    }

    [GeneratedRegex("12D3KooW[0-9A-Za-z]+")]
    private static partial Regex PeerIdPattern();

    [GeneratedRegex("mswarm1:[0-9A-Za-z_-]+")]
    private static partial Regex TokenPattern();

    private async Task ReadStartAsync(CancellationToken cancellationToken)
    {
        Uri? address = null;
        while (address is null || Id.Length == 0)
        {
            var line = await _process.StandardOutput.ReadLineAsync(cancellationToken)
                ?? throw new InvalidOperationException("a worker has ended before it said where it listens");
            Id = Id.Length == 0 && PeerIdPattern().Match(line) is { Success: true } id ? id.Value : Id;
            Token ??= TokenPattern().Match(line) is { Success: true } token ? token.Value : null;
            address ??= line.Split(' ').FirstOrDefault(word => word.StartsWith("http://", StringComparison.Ordinal)) is { } text ? new Uri(text) : null;
        }

        _listening = ListenAsync(new Uri(address, "/api/swarm/events"));
    }

    private async Task ListenAsync(Uri address)
    {
        try
        {
            using var reader = new StreamReader(await _http.GetStreamAsync(address, _stop.Token));
            while (await reader.ReadLineAsync(_stop.Token) is { } line)
            {
                if (line.StartsWith("data:", StringComparison.Ordinal))
                {
                    Take(line[5..], Stopwatch.GetTimestamp());
                }
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            // It has ended.
        }
    }

    private void Take(string json, long at)
    {
        using var document = JsonDocument.Parse(json);
        var members = document.RootElement.TryGetProperty("members", out var all)
            ? [.. all.EnumerateArray()]
            : new[] { document.RootElement.GetProperty("member") };
        foreach (var member in members)
        {
            _news.Writer.TryWrite(new(member.GetProperty("id").GetString()!, member.GetProperty("state").GetString()!, at));
        }
    }
}
