namespace ManagedSwarm.Transport.Weights;

/// <summary>
/// Who of several sources is asked for which missing piece. Each piece is with one source at a time; what one does not deliver, another is
/// asked for. Knows no stream and no clock. Safe for use by many threads.
/// </summary>
internal sealed class PieceSchedule
{
    private readonly Lock _gate = new();
    private readonly LinkedList<PendingPiece> _pending;
    private readonly HashSet<int>[] _refused;
    private readonly bool[] _isOut;
    private int _left;
    private TaskCompletionSource _changed = NewChange();

    /// <param name="missing">In the order in which they are asked for.</param>
    /// <param name="sources">How many there are; each is called by its number.</param>
    public PieceSchedule(IEnumerable<PendingPiece> missing, int sources)
    {
        _pending = new(missing);
        _left = _pending.Count;
        _refused = [.. Enumerable.Range(0, sources).Select(_ => new HashSet<int>())];
        _isOut = new bool[sources];
    }

    /// <summary>Pieces that are not done.</summary>
    public int Left
    {
        get
        {
            lock (_gate)
            {
                return _left;
            }
        }
    }

    /// <summary>Ends when something has changed since it was asked for.</summary>
    public Task Changed
    {
        get
        {
            lock (_gate)
            {
                return _changed.Task;
            }
        }
    }

    /// <summary>Those that are not done and with nobody.</summary>
    public IReadOnlyList<PendingPiece> Pending
    {
        get
        {
            lock (_gate)
            {
                return [.. _pending];
            }
        }
    }

    /// <summary>The next piece for a source, which may have it.</summary>
    public bool TryTake(int source, out PendingPiece piece)
    {
        lock (_gate)
        {
            var node = FirstFor(source);
            piece = node?.Value ?? default;
            if (node is not null)
            {
                _pending.Remove(node);
            }

            return node is not null;
        }
    }

    /// <summary>Whether there is and will be nothing to do for a source.</summary>
    public bool IsOver(int source)
    {
        lock (_gate)
        {
            // As long as a piece is with anybody, it may come back.
            return _left == 0 || _isOut[source] || (_pending.Count == _left && !IsAnythingPossible());
        }
    }

    /// <summary>A piece is here and verified.</summary>
    public void Done(PendingPiece piece) => Change(() => _left--);

    /// <summary>A piece that was taken did not come; others are asked for it.</summary>
    public void Return(PendingPiece piece) => Change(() => _pending.AddFirst(piece));

    /// <summary>A source has not the blob of a piece that it took, and is asked for none of it any more.</summary>
    public void Refuse(int source, PendingPiece piece) => Change(() =>
    {
        _refused[source].Add(piece.Blob);
        _pending.AddFirst(piece);
    });

    /// <summary>A source is asked for nothing any more. What it took must still be returned.</summary>
    public void Leave(int source) => Change(() => _isOut[source] = true);

    private LinkedListNode<PendingPiece>? FirstFor(int source)
    {
        var node = _isOut[source] ? null : _pending.First;
        while (node is not null && _refused[source].Contains(node.Value.Blob))
        {
            node = node.Next;
        }

        return node;
    }

    private bool IsAnythingPossible() => Enumerable.Range(0, _isOut.Length).Any(source => FirstFor(source) is not null);

    private void Change(Action change)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            change();
            (changed, _changed) = (_changed, NewChange());
        }

        changed.SetResult();
    }

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
