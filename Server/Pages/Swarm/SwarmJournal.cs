using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Server.Pages.Swarm.State;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.Pages.Swarm;

/// <summary>Remembers what has happened in the swarm and to this node's model, for those who look later. Safe for use by many threads.</summary>
internal sealed class SwarmJournal : IDisposable
{
    /// <summary>The oldest is forgotten.</summary>
    public const int MaxLines = 100;

    private readonly SwarmService _swarm;
    private readonly ModelSlot _models;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly LinkedList<JournalLine> _lines = [];

    // What was waited for since all layers were covered.
    private readonly HashSet<string> _waits = new(StringComparer.Ordinal);
    private long? _loadBegan;
    private long _count;

    /// <summary>Listens from now on.</summary>
    public SwarmJournal(SwarmService swarm, ModelSlot models, TimeProvider time)
    {
        (_swarm, _models, _time) = (swarm, models, time);
        swarm.Happened += OnHappened;
        swarm.Switched += OnSwitched;
        models.Changed += OnModelChanged;
    }

    /// <summary>A line is new. Called by any thread; must not throw, and not wait.</summary>
    public event Action? Changed;

    /// <summary>The newest first.</summary>
    public IReadOnlyList<JournalLine> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>Adds one.</summary>
    /// <param name="text">What has happened.</param>
    /// <param name="kind">good, bad, warn or plain.</param>
    public void Add(string text, string kind = "plain")
    {
        lock (_gate)
        {
            _lines.AddFirst(new JournalLine(++_count, _time.GetUtcNow(), kind, ShownText.Fit(text)));
            if (_lines.Count > MaxLines)
            {
                _lines.RemoveLast();
            }
        }

        Changed?.Invoke();
    }

    public void Dispose()
    {
        _swarm.Happened -= OnHappened;
        _swarm.Switched -= OnSwitched;
        _models.Changed -= OnModelChanged;
    }

    private void OnHappened(SwarmEvent change)
    {
        var name = change.Member.Facts.Name;
        var (text, kind) = change.Kind switch
        {
            SwarmEventKind.Joined => ($"{name} has joined", "good"),
            SwarmEventKind.Suspected => ($"{name} does not answer, and is asked again", "warn"),
            SwarmEventKind.Cleared => ($"{name} answers again", "good"),
            SwarmEventKind.Lost => ($"{name} is lost", "bad"),
            SwarmEventKind.Returned => ($"{name} is back", "good"),
            SwarmEventKind.Left => ($"{name} has left", "plain"),
            _ => ("", ""),
        };
        if (text.Length > 0 && !change.Member.IsSelf)
        {
            Add(text, kind);
        }
    }

    private void OnSwitched() => Add(_swarm.Current is null ? "This node has left the swarm" : "This node is in a swarm");

    private void OnModelChanged()
    {
        if (_models.Status is { } status && LineOf(status) is var (text, kind))
        {
            Add(text, kind);
        }
    }

    /// <summary>Each progress is a change, and several nodes load by turns: a load has a line when it begins, and one when it is over.</summary>
    /// <returns>Null: nothing that was not said.</returns>
    private (string Text, string Kind)? LineOf(HeadStatus status)
    {
        lock (_gate)
        {
            if (status.State == HeadState.Waiting)
            {
                return _waits.Add(status.Message) ? (status.Message, "warn") : null;
            }

            if (status.State != HeadState.Ready)
            {
                var isNew = _loadBegan is null;
                _loadBegan ??= _time.GetTimestamp();
                return isNew ? ("Workers load their layers", "plain") : null;
            }

            if (_loadBegan is null && _waits.Count == 0)
            {
                return null;
            }

            var took = _loadBegan is { } began ? $" after {ShownValue.Milliseconds(_time.GetElapsedTime(began).TotalMilliseconds)}" : "";
            _loadBegan = null;
            _waits.Clear();
            return (status.Message + took, "good");
        }
    }
}
