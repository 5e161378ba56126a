using System.ComponentModel;
using System.Diagnostics;
using ManagedSwarm.Server.Commands;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.P2pApi;

namespace ManagedSwarm.Server.Drills;

/// <summary>A node of a drill: this program as a process of its own. What it says is kept, with the time.</summary>
internal sealed class DrillNode : IAsyncDisposable
{
    // What it is that a node said before it failed; and far more than a drill waits for.
    private const int ShownLines = 8;
    private const int KeptLines = 1000;

    private readonly Process _process;
    private readonly DrillHost _host;
    private readonly Lock _gate = new();
    private readonly List<(string Text, long At)> _lines = [];
    private readonly Task _reading;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _hasEnded;
    private int _disposed;

    private DrillNode(string name, Process process, DrillHost host)
    {
        (Name, _process, _host) = (name, process, host);
        _reading = ReadAllAsync();
    }

    public string Name { get; }

    public int ProcessId => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Bytes of memory that are resident.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Where its API is; known when it has said so.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Starts one.</summary>
    /// <exception cref="StartException">It cannot be started.</exception>
    public static DrillNode Start(string name, ProcessStartInfo start, DrillHost host)
    {
        try
        {
            return new(name, Process.Start(start)!, host);
        }
        catch (Win32Exception exception)
        {
            throw new StartException($"'{start.FileName}' cannot be started: {exception.Message}", exception);
        }
    }

    /// <summary>Waits until it listens.</summary>
    /// <exception cref="StartException">It does not; says what it has said last.</exception>
    public async Task ListenAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        const string Prefix = "Listening on ";
        var line = await WaitAsync(line => line.Text.StartsWith(Prefix, StringComparison.Ordinal), "that it listens", limit, cancellationToken);
        Address = new Uri(line[Prefix.Length..]);
    }

    /// <summary>Waits until a head keeps a spare warm.</summary>
    /// <exception cref="StartException">It does not; says what it has said last.</exception>
    public Task KeepsSpareAsync(TimeSpan limit, CancellationToken cancellationToken) => WaitAsync(
        line => line.Text.StartsWith("Spare ", StringComparison.Ordinal) && line.Text.Contains(" holds ", StringComparison.Ordinal),
        "that a spare holds weights",
        limit,
        cancellationToken);

    /// <summary>What it knows of its swarm.</summary>
    public async Task<SwarmBody> GetStatusAsync(CancellationToken cancellationToken)
    {
        if (!ListenAddress.TryParse(Address.Authority, out var address))
        {
            throw new InvalidOperationException($"{Name} listens at '{Address}'");
        }

        using var client = new SwarmClient(address, key: null);
        return await client.GetStatusAsync(cancellationToken);
    }

    /// <summary>When it has said something since a time; null: it has not.</summary>
    public long? Said(string part, long since)
    {
        lock (_gate)
        {
            return _lines.FindIndex(line => line.At >= since && line.Text.Contains(part, StringComparison.Ordinal)) is >= 0 and var index
                ? _lines[index].At
                : null;
        }
    }

    /// <summary>Ends it as a power cut would.</summary>
    public void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
    }

    /// <summary>Sends it a signal, such as STOP.</summary>
    public Task SignalAsync(string signal, CancellationToken cancellationToken) =>
        // Each shell has the command built in; not each system has the program.
        SystemCommand.RunAsync("/bin/sh", ["-c", $"kill -{signal} {_process.Id}"], _host.Limits.Command, cancellationToken);

    /// <summary>Waits until its process has ended, and ends it where that takes too long.</summary>
    public async Task EndAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(limit);
        try
        {
            await _process.WaitForExitAsync(end.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Kill();
        }
    }

    /// <summary>Ends it, stopped or not.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Kill();
            await _process.WaitForExitAsync();
            await _reading;
            _process.Dispose();
        }
    }

    private async Task<string> WaitAsync(
        Predicate<(string Text, long At)> isMeant, string what, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(limit);
        try
        {
            while (true)
            {
                Task changed;
                lock (_gate)
                {
                    if (_lines.FindIndex(isMeant) is >= 0 and var index)
                    {
                        return _lines[index].Text;
                    }

                    if (_hasEnded)
                    {
                        throw new StartException($"{Name} has ended before it said {what}{LastWords()}");
                    }

                    changed = _changed.Task;
                }

                await changed.WaitAsync(end.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StartException($"{Name} has not said {what} within {limit.TotalSeconds:0} s{LastWords()}");
        }
    }

    private string LastWords()
    {
        lock (_gate)
        {
            return _lines.Count == 0 ? "" : ": " + string.Join(" / ", _lines.TakeLast(ShownLines).Select(line => line.Text.Trim()));
        }
    }

    private async Task ReadAllAsync()
    {
        await Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError));
        lock (_gate)
        {
            _hasEnded = true;
            _changed.TrySetResult();
        }
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_gate)
            {
                if (_lines.Count == KeptLines)
                {
                    _lines.RemoveAt(0);
                }

                _lines.Add((line, _host.Time.GetTimestamp()));
                _changed.TrySetResult();
                _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }
}
