namespace ManagedSwarm.Engine.Stages;

/// <summary>The contiguous layers <c>First … First + Count - 1</c>.</summary>
public readonly record struct LayerRange(int First, int Count)
{
    /// <summary>The layer behind the last one.</summary>
    public int End => First + Count;

    /// <exception cref="EngineException"><c>layer_range</c>: it is empty or reaches beyond the model's layers.</exception>
    public void RequireWithin(int layerCount)
    {
        if (First < 0 || Count < 1 || Count > layerCount - First)
        {
            throw new EngineException("layer_range", $"layers {First}..{First + (long)Count - 1} are not within the model's layers 0..{layerCount - 1}");
        }
    }

    public override string ToString() => $"{First}..{End - 1}";
}
