using ManagedSwarm.Server.Hosting;

namespace ManagedSwarm.Server.Drills;

/// <summary>
/// Does all actions of a plan, one after the other: each time an undisturbed reply, the same with the fault, and once more. The same swarm
/// is used again when it has become what it was, else a new one is started.
/// </summary>
/// <param name="plan">What to do.</param>
/// <param name="host">The drill's.</param>
internal sealed class DrillRun(DrillPlan plan, DrillHost host) : IAsyncDisposable
{
    private readonly Dictionary<DrillFault, string?> _whyNot = [];
    private DrillSwarm? _swarm;
    private DrillReply? _expected;

    /// <exception cref="StartException">The nodes do not come up, or do not answer.</exception>
    public async Task<IReadOnlyList<DrillRow>> RunAsync(CancellationToken cancellationToken)
    {
        var rows = new List<DrillRow>();
        for (var round = 0; round < plan.Rounds; round++)
        {
            foreach (var action in plan.Actions)
            {
                var row = await WhyNotAsync(action, cancellationToken) is { } reason
                    ? new DrillRow(action, reason)
                    : await DoAsync(action, cancellationToken);
                host.Say($"{action}: {DrillText.Outcome(row)}");
                rows.Add(row);
            }
        }

        return rows;
    }

    public ValueTask DisposeAsync() => _swarm?.DisposeAsync() ?? default;

    private async Task<string?> WhyNotAsync(DrillAction action, CancellationToken cancellationToken)
    {
        if (!_whyNot.TryGetValue(action.Fault, out var reason))
        {
            _whyNot[action.Fault] = reason = await DrillHit.WhyNotAsync(action.Fault, host.Limits, cancellationToken);
        }

        return reason;
    }

    private async Task<DrillRow> DoAsync(DrillAction action, CancellationToken cancellationToken)
    {
        if (_swarm is not null && !await _swarm.SettleAsync(cancellationToken))
        {
            await _swarm.DisposeAsync();
            _swarm = null;
        }

        _swarm ??= await StartAsync(cancellationToken);
        var trial = new DrillTrial(plan, action, _swarm, host);
        await using (trial)
        {
            var row = await trial.RunAsync(_expected!, cancellationToken);
            await trial.ReviveAsync(cancellationToken);
            return row;
        }
    }

    /// <summary>The first reply of a swarm is slower than all others, and is what they must be.</summary>
    private async Task<DrillSwarm> StartAsync(CancellationToken cancellationToken)
    {
        var swarm = await DrillSwarm.StartAsync(plan, host, cancellationToken);
        try
        {
            using var client = new DrillClient(swarm.Head.Address, host);
            var reply = await client.AskAsync(plan.Request, cancellationToken);
            _expected ??= reply.Error is null ? reply : throw new StartException($"nothing was done yet, and no reply came: {reply.Error}");
            return swarm;
        }
        catch
        {
            await swarm.DisposeAsync();
            throw;
        }
    }
}
