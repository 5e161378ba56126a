namespace ManagedSwarm.Server.Drills;

/// <summary>One action on a swarm in which nothing is lost yet.</summary>
/// <param name="plan">The drill's.</param>
/// <param name="action">What is done.</param>
/// <param name="swarm">To whom.</param>
/// <param name="host">The drill's.</param>
internal sealed class DrillTrial(DrillPlan plan, DrillAction action, DrillSwarm swarm, DrillHost host) : IAsyncDisposable
{
    // As the head logs it.
    private const string LostLine = "is lost, ";

    private readonly List<DrillHit> _hits = [];
    private readonly DrillClient _client = new(swarm.Head.Address, host);
    private IReadOnlyList<DrillNode> _victims = [];
    private IReadOnlyList<DrillNode> _silent = [];
    private long? _received;
    private long _hitAt;
    private int _tokensAtHit;

    /// <summary>Does it.</summary>
    /// <param name="expected">What all replies must be.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<DrillRow> RunAsync(DrillReply expected, CancellationToken cancellationToken)
    {
        var plain = await AskAsync(_ => Task.CompletedTask, cancellationToken);
        var usualBytes = await SinceAsync(cancellationToken);
        var from = await HoldersAsync(cancellationToken);
        _victims = [.. from.Select(swarm.Find).OfType<DrillNode>()];
        // Those who are slow, or whose connections break, still say what they have received.
        _silent = action.Fault is DrillFault.Slow or DrillFault.Reset ? [] : _victims;
        var reply = await AskAsync(HitAsync, cancellationToken);
        foreach (var hit in _hits)
        {
            await hit.EndSlownessAsync();
        }

        var bytes = await SinceAsync(cancellationToken);
        var after = await _client.AskAsync(plan.Request, cancellationToken);
        var to = await HoldersAsync(cancellationToken);
        return new(action)
        {
            ContextTokens = plan.PromptTokens + _tokensAtHit,
            From = from,
            To = to,
            Detected = swarm.Head.Said(LostLine, _hitAt) is { } lost ? host.Time.GetElapsedTime(_hitAt, lost) : null,
            Pause = reply.LongestGap(_tokensAtHit, host.Time),
            Usual = action.At == 0 ? plain.ToFirst(host.Time) : plain.MedianGap(host.Time),
            Rebuilt = to.SequenceEqual(from) ? 0 : plan.PromptTokens + _tokensAtHit,
            MovedBytes = bytes - usualBytes,
            IsSame = plain.IsSameAs(expected) && reply.IsSameAs(expected),
            IsSameAfterwards = after.IsSameAs(expected),
            Error = plain.Error ?? reply.Error ?? after.Error,
        };
    }

    /// <summary>Brings workers back that were hit.</summary>
    public async Task ReviveAsync(CancellationToken cancellationToken)
    {
        foreach (var hit in _hits.Where(hit => hit.Ends))
        {
            await hit.Worker.EndAsync(host.Limits.Leave, cancellationToken);
            await swarm.RestartAsync(hit.Worker, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var hit in _hits)
        {
            await hit.DisposeAsync();
        }

        _client.Dispose();
    }

    /// <summary>What all had received when the reply was where the fault comes is noted.</summary>
    private async Task<DrillReply> AskAsync(Func<DrillReply, Task> reached, CancellationToken cancellationToken)
    {
        if (action.At == 0)
        {
            _received = await swarm.ReceivedAsync(_silent, cancellationToken);
        }

        return await _client.AskAsync(
            plan.Request,
            action.At,
            async reply =>
            {
                if (action.At > 0)
                {
                    _received = await swarm.ReceivedAsync(_silent, cancellationToken);
                }

                await reached(reply);
            },
            cancellationToken);
    }

    private async Task HitAsync(DrillReply reply)
    {
        (_hitAt, _tokensAtHit) = (host.Time.GetTimestamp(), reply.Count);
        _hits.AddRange(await Task.WhenAll(_victims.Select(worker => DrillHit.BeginAsync(worker, action.Fault, host, CancellationToken.None))));
    }

    private async Task<long?> SinceAsync(CancellationToken cancellationToken) =>
        await swarm.ReceivedAsync(_silent, cancellationToken) - _received;

    private async Task<IReadOnlyList<string>> HoldersAsync(CancellationToken cancellationToken)
    {
        var holders = new List<string>();
        foreach (var stage in action.Stages)
        {
            holders.AddRange(await swarm.HoldersAsync(stage, cancellationToken));
        }

        return [.. holders.Distinct()];
    }
}
