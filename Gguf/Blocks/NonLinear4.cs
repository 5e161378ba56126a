namespace ManagedSwarm.Gguf.Blocks;

/// <summary>The 16 levels of the IQ4 types: finer near zero, where most weights are (ggml's <c>kvalues_iq4nl</c>).</summary>
public static class NonLinear4
{
    public static ReadOnlySpan<sbyte> Levels => [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];
}
