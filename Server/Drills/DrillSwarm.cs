using System.Globalization;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.P2pApi;

namespace ManagedSwarm.Server.Drills;

/// <summary>A head and its workers on loopback, each a process with a home of its own.</summary>
internal sealed class DrillSwarm : IAsyncDisposable
{
    private readonly DrillPlan _plan;
    private readonly DrillHost _host;
    private readonly DrillPlace _place;
    private readonly DrillNode[] _workers;

    private DrillSwarm(DrillPlan plan, DrillHost host) =>
        (_plan, _host, _place, _workers) = (plan, host, new DrillPlace(host), new DrillNode[plan.Workers + plan.Spares]);

    public DrillNode Head { get; private set; } = null!;

    public IReadOnlyList<DrillNode> Workers => _workers;

    /// <summary>Starts all, and waits until the head serves.</summary>
    /// <exception cref="StartException">Somebody does not come up; says why.</exception>
    public static async Task<DrillSwarm> StartAsync(DrillPlan plan, DrillHost host, CancellationToken cancellationToken)
    {
        var swarm = new DrillSwarm(plan, host);
        try
        {
            host.Say($"starting {plan.Workers} workers{(plan.Spares > 0 ? $", {plan.Spares} spare" : "")} and a head");
            await Task.WhenAll(Enumerable.Range(0, swarm._workers.Length).Select(index => swarm.StartWorkerAsync(index, cancellationToken)));
            swarm.Head = swarm._place.Start("head", ["run", plan.Model, .. swarm.HeadOptions()]);
            await swarm.Head.ListenAsync(host.Limits.Load, cancellationToken);
            if (plan.Spares > 0)
            {
                await swarm.Head.KeepsSpareAsync(host.Limits.Load, cancellationToken);
            }

            return swarm;
        }
        catch
        {
            await swarm.DisposeAsync();
            throw;
        }
    }

    /// <summary>Who has a stage's layers now.</summary>
    /// <param name="stage">The first is 1.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Nodes' names, in the order of the layers.</returns>
    public async Task<IReadOnlyList<string>> HoldersAsync(int stage, CancellationToken cancellationToken)
    {
        var (first, end) = (_plan.FirstOf(stage - 1), _plan.FirstOf(stage));
        return [.. (await StagesAsync(cancellationToken)).Where(held => held.First < end && held.End > first).Select(held => held.Name)];
    }

    /// <summary>A worker by its name; null: it is none.</summary>
    public DrillNode? Find(string name) => _workers.FirstOrDefault(worker => worker.Name == name);

    /// <summary>Starts a worker anew whose process has ended, or ends now.</summary>
    public async Task RestartAsync(DrillNode worker, CancellationToken cancellationToken)
    {
        var index = Array.IndexOf(_workers, worker);
        await worker.DisposeAsync();
        await StartWorkerAsync(index, cancellationToken);
    }

    /// <summary>Waits until each stage is on a worker of its own and the others hold nothing but spares their weights, as at the beginning.</summary>
    /// <returns>False: it will not be.</returns>
    public async Task<bool> SettleAsync(CancellationToken cancellationToken)
    {
        var began = _host.Time.GetTimestamp();
        while (_host.Time.GetElapsedTime(began) < _host.Limits.Return)
        {
            var (isPlaced, isSettled) = await LookAsync(cancellationToken);
            if (!isPlaced || isSettled)
            {
                return isSettled;
            }

            await Task.Delay(_host.Limits.Look, _host.Time, cancellationToken);
        }

        return false;
    }

    /// <summary>Bytes that nodes have received from each other so far; null: one of them does not say.</summary>
    /// <param name="without">Those who are not asked.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<long?> ReceivedAsync(IReadOnlyCollection<DrillNode> without, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = _host.Limits.Answer };
        try
        {
            var nodes = _workers.Append(Head).Where(node => !without.Contains(node));
            var pages = await Task.WhenAll(nodes.Select(node => http.GetStringAsync(new Uri(node.Address, "/metrics"), cancellationToken)));
            var received = pages.Select(ReceivedOf).ToList();
            return received.Contains(null) ? null : received.Sum();
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _workers.Append(Head).Where(node => node is not null))
        {
            await node.DisposeAsync();
        }

        _place.Dispose();
    }

    // managedswarm_transport_io_bytes_total{otel_scope_name="ManagedSwarm.Transport",direction="receive"} 123 1700000000000
    private static long? ReceivedOf(string metrics)
    {
        var line = metrics.Split('\n').FirstOrDefault(line => line.StartsWith("managedswarm_transport_io_bytes_total{", StringComparison.Ordinal)
            && line.Contains("direction=\"receive\"", StringComparison.Ordinal));
        return line is null ? null : (long)double.Parse(line[(line.LastIndexOf('}') + 2)..].Split(' ')[0], CultureInfo.InvariantCulture);
    }

    private IEnumerable<string> HeadOptions() =>
    [
        "--threads", $"{_plan.Threads}", "--prefix-cache", "off",
        "--context", $"{_plan.PromptTokens + _plan.ReplyTokens}",
        "--spares", $"{_plan.Spares}",
        .. _plan.Ranges.Index().SelectMany(stage => new[] { "--layers", $"w{stage.Index + 1}={stage.Item}" }),
    ];

    private async Task StartWorkerAsync(int index, CancellationToken cancellationToken)
    {
        var name = $"w{index + 1}";
        string[] file = _plan.HaveFile ? ["--own-model", _plan.Model] : [];
        var worker = _place.Start(name, ["worker", "--threads", $"{_plan.Threads}", .. file]);
        _workers[index] = worker;
        await worker.ListenAsync(_host.Limits.Join, cancellationToken);
    }

    private async Task<IReadOnlyList<SplitStageBody>> StagesAsync(CancellationToken cancellationToken) =>
        (await Head.GetStatusAsync(cancellationToken)).Split?.Stages ?? [];

    private async Task<(bool IsPlaced, bool IsSettled)> LookAsync(CancellationToken cancellationToken)
    {
        var status = await Head.GetStatusAsync(cancellationToken);
        if (status.Split?.Stages is not { } stages)
        {
            return (true, false);
        }

        var holders = stages.Select(stage => stage.Name).ToHashSet(StringComparer.Ordinal);
        var isPlaced = stages.Count == _plan.Workers && holders.Count == stages.Count && !holders.Contains("head")
            && stages.Index().All(stage => stage.Item.First == _plan.FirstOf(stage.Index));
        var workers = status.Members.Where(member => !member.IsSelf).ToList();
        return (isPlaced, isPlaced && workers.Count == _workers.Length && (status.Split.Spares ?? []).Count(spare => spare.Ready) == _plan.Spares
            && workers.All(worker => worker is { State: "alive", IsConnected: true } && worker.Layers.Count > 0 == holders.Contains(worker.Name)));
    }
}
