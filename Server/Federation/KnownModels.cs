namespace ManagedSwarm.Server.Federation;

/// <summary>
/// The models that instances have or had lately: who asks for one of those is told to come back. For one thread at a time.
/// </summary>
/// <param name="keepFor">How long one is known that nobody has any more.</param>
/// <param name="time">The clock.</param>
internal sealed class KnownModels(TimeSpan keepFor, TimeProvider time)
{
    // By id: when it was heard of first and last.
    private readonly Dictionary<string, (DateTimeOffset First, DateTimeOffset Last)> _models = new(StringComparer.Ordinal);

    /// <summary>How many.</summary>
    public int Count => _models.Count;

    public bool Has(string id) => _models.ContainsKey(id);

    /// <summary>When it was heard of first.</summary>
    /// <exception cref="KeyNotFoundException">It is not known.</exception>
    public DateTimeOffset Since(string id) => _models[id].First;

    /// <summary>Instances have such models now.</summary>
    public void Note(IEnumerable<string> ids)
    {
        var now = time.GetUtcNow();
        foreach (var id in ids)
        {
            _models[id] = _models.TryGetValue(id, out var known) ? known with { Last = now } : (now, now);
        }

        foreach (var (id, _) in _models.Where(model => now - model.Value.Last > keepFor).ToList())
        {
            _models.Remove(id);
        }
    }
}
