namespace ManagedSwarm.Engine.Stages;

/// <summary>The contiguous layers <c>First … First + Count - 1</c>.</summary>
public readonly record struct LayerRange(int First, int Count)
{
    /// <summary>The layer behind the last one.</summary>
    public int End => First + Count;

    public override string ToString() => $"{First}..{End - 1}";
}
