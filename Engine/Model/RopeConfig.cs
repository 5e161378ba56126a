namespace ManagedSwarm.Engine.Model;

/// <summary>Which dimensions of a head rotate together.</summary>
public enum RopeKind
{
    /// <summary>Pairs (2i, 2i + 1): llama as GGUF stores it.</summary>
    Normal = 0,

    /// <summary>Pairs (i, i + n/2): qwen2.</summary>
    NeoX = 1,
}

/// <summary>How the context was extended beyond the trained one.</summary>
public enum RopeScaling
{
    None = 0,
    Linear = 1,
    Yarn = 2,
}

/// <summary>Rotary position embedding (arXiv 2104.09864), with linear and YaRN scaling (arXiv 2309.00071) as llama.cpp computes them.</summary>
public sealed record RopeConfig
{
    public RopeKind Kind { get; init; }

    /// <summary>How many of a head's dimensions rotate; even.</summary>
    public required int DimensionCount { get; init; }

    /// <summary>The base of the geometric series of frequencies.</summary>
    public float Base { get; init; } = 10000f;

    public RopeScaling Scaling { get; init; }

    /// <summary>By how much the context was extended; 1 for not at all.</summary>
    public float ScalingFactor { get; init; } = 1f;

    /// <summary>The trained context (YaRN).</summary>
    public int OriginalContextLength { get; init; }

    /// <summary>Factor of the magnitude scale (<c>rope.scaling.attn_factor</c> times <c>rope.scaling.yarn_attn_factor</c>).</summary>
    public float AttentionFactor { get; init; } = 1f;

    /// <summary>How much of the trained frequency fast pairs keep, 0 to 1 (<c>rope.scaling.yarn_ext_factor</c>).</summary>
    public float YarnExtFactor { get; init; } = 1f;

    /// <summary>Pairs with more rotations than this over the trained context are fast (<c>rope.scaling.yarn_beta_fast</c>).</summary>
    public float YarnBetaFast { get; init; } = 32f;

    /// <summary>Pairs with fewer are slow (<c>rope.scaling.yarn_beta_slow</c>).</summary>
    public float YarnBetaSlow { get; init; } = 1f;
}
