namespace ManagedSwarm.ModelsTest.Training;

/// <summary>Documents as rows of one length: each row has as many whole documents as fit, and padding behind them.</summary>
public sealed class TrainingRows
{
    /// <summary>What padding has for a target: no loss comes of it.</summary>
    public const long NoTarget = -100;

    private const int OpenRows = 64;

    private readonly List<List<int>> _rows = [];
    private readonly int _length;

    /// <param name="documents">Tokens of each, the first token of a text included.</param>
    /// <param name="length">Tokens of a row, to which one more is its last target.</param>
    public TrainingRows(IEnumerable<int[]> documents, int length)
    {
        ArgumentNullException.ThrowIfNull(documents);
        _length = length;
        var open = new List<List<int>>();
        foreach (var document in documents)
        {
            Add(document.AsSpan(0, Math.Min(document.Length, length + 1)), open);
        }

        _rows.AddRange(open);
    }

    public int Count => _rows.Count;

    /// <summary>Targets of all rows together.</summary>
    public long TokenCount => _rows.Sum(row => (long)row.Count - 1);

    /// <summary>Writes a row: each token, and the one that follows it.</summary>
    public void CopyTo(int row, Span<long> inputs, Span<long> targets)
    {
        var tokens = _rows[row];
        for (var i = 0; i < _length; i++)
        {
            inputs[i] = i < tokens.Count - 1 ? tokens[i] : 0;
            targets[i] = i < tokens.Count - 1 ? tokens[i + 1] : NoTarget;
        }
    }

    /// <summary>Into the row that it fills best, of those that are not full.</summary>
    private void Add(ReadOnlySpan<int> document, List<List<int>> open)
    {
        List<int>? best = null;
        foreach (var row in open)
        {
            if (row.Count + document.Length <= _length + 1 && (best is null || row.Count > best.Count))
            {
                best = row;
            }
        }

        if (best is null)
        {
            if (open.Count == OpenRows)
            {
                Close(open);
            }

            open.Add(best = new List<int>(_length + 1));
        }

        best.AddRange(document);
    }

    private void Close(List<List<int>> open)
    {
        var fullest = open.MaxBy(row => row.Count)!;
        _rows.Add(fullest);
        open.Remove(fullest);
    }
}
