namespace ManagedSwarm.Server.Drills;

/// <summary>A fault that a worker has, until it is disposed: then the worker runs on, if it can.</summary>
internal sealed class DrillHit : IAsyncDisposable
{
    private readonly DrillNode _worker;
    private readonly DrillFault _fault;
    private readonly DrillHost _host;
    private readonly CancellationTokenSource _end = new();
    private Task _slowing = Task.CompletedTask;

    private DrillHit(DrillNode worker, DrillFault fault, DrillHost host) => (_worker, _fault, _host) = (worker, fault, host);

    /// <summary>Whether the worker's process ends by it.</summary>
    public bool Ends => _fault is DrillFault.Kill or DrillFault.Term;

    public DrillNode Worker => _worker;

    /// <summary>Why faults cannot be had on this system; null: they can.</summary>
    public static async Task<string?> WhyNotAsync(DrillFault fault, DrillLimits limits, CancellationToken cancellationToken) => fault switch
    {
        DrillFault.Kill => null,
        DrillFault.Reset => await new ConnectionReset(limits).WhyNotAsync(cancellationToken),
        _ => OperatingSystem.IsLinux() || OperatingSystem.IsMacOS() ? null : "this system has no such signals; Linux and macOS have",
    };

    /// <summary>Hits a worker.</summary>
    public static async Task<DrillHit> BeginAsync(DrillNode worker, DrillFault fault, DrillHost host, CancellationToken cancellationToken)
    {
        var hit = new DrillHit(worker, fault, host);
        switch (fault)
        {
            case DrillFault.Kill:
                worker.Kill();
                break;
            case DrillFault.Stop:
                await worker.SignalAsync("STOP", cancellationToken);
                break;
            case DrillFault.Term:
                await worker.SignalAsync("TERM", cancellationToken);
                break;
            case DrillFault.Reset:
                await new ConnectionReset(host.Limits).OfAsync(worker.ProcessId, worker.Address.Port, cancellationToken);
                break;
            case DrillFault.Slow:
                hit._slowing = hit.SlowAsync();
                break;
        }

        return hit;
    }

    /// <summary>A slow worker is slow no more.</summary>
    public async Task EndSlownessAsync()
    {
        await _end.CancelAsync();
        await _slowing;
    }

    public async ValueTask DisposeAsync()
    {
        await EndSlownessAsync();
        if (_fault == DrillFault.Stop)
        {
            await _worker.SignalAsync("CONT", CancellationToken.None);
        }

        _end.Dispose();
    }

    private async Task SlowAsync()
    {
        try
        {
            while (true)
            {
                await _worker.SignalAsync("STOP", CancellationToken.None);
                await Task.Delay(_host.Limits.SlowStopped, _host.Time, _end.Token);
                await _worker.SignalAsync("CONT", CancellationToken.None);
                await Task.Delay(_host.Limits.SlowRunning, _host.Time, _end.Token);
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            await _worker.SignalAsync("CONT", CancellationToken.None);
        }
    }
}
