using System.Runtime.InteropServices;

namespace ManagedSwarm.Engine.Model;

/// <summary>A stage's scratch memory for one step; grows to the largest batch seen and is used again.</summary>
internal sealed unsafe class Workspace(ModelConfig config) : IDisposable
{
    /// <summary>Tokens that go through the feed-forward block together.</summary>
    public const int SliceTokens = 128;

    private readonly int _queryWidth = config.HeadCount * config.KeyHeadSize;
    private readonly int _keyWidth = config.KvHeadCount * config.KeyHeadSize;
    private readonly int _valueWidth = config.KvHeadCount * config.ValueHeadSize;
    private readonly int _attendedWidth = config.HeadCount * config.ValueHeadSize;
    private float* _memory;
    private int _tokens;

    /// <summary>(tokens, hiddenSize): normalised input, then a block's output.</summary>
    public float* Hidden { get; private set; }

    /// <summary>(tokens, heads, keyHeadSize)</summary>
    public float* Queries { get; private set; }

    /// <summary>(tokens, kvHeads, keyHeadSize)</summary>
    public float* Keys { get; private set; }

    /// <summary>(tokens, kvHeads, valueHeadSize)</summary>
    public float* Values { get; private set; }

    /// <summary>(tokens, heads, valueHeadSize)</summary>
    public float* Attended { get; private set; }

    /// <summary>(slice of tokens, feedForwardSize)</summary>
    public float* Gate { get; private set; }

    /// <summary>(slice of tokens, feedForwardSize)</summary>
    public float* Up { get; private set; }

    /// <summary>What a stage takes for a step of <paramref name="tokens"/> tokens.</summary>
    public static long BytesFor(ModelConfig config, int tokens)
    {
        using var workspace = new Workspace(config);
        return workspace.FloatsFor(tokens) * sizeof(float);
    }

    /// <summary>Makes room for a step of <paramref name="tokens"/> tokens.</summary>
    public void Reserve(int tokens)
    {
        if (tokens <= _tokens)
        {
            return;
        }

        Dispose();
        var slice = Math.Min(tokens, SliceTokens);
        _memory = (float*)NativeMemory.AlignedAlloc(checked((nuint)FloatsFor(tokens) * sizeof(float)), 64);
        _tokens = tokens;
        var next = _memory;
        Hidden = Take(ref next, tokens, config.HiddenSize);
        Queries = Take(ref next, tokens, _queryWidth);
        Keys = Take(ref next, tokens, _keyWidth);
        Values = Take(ref next, tokens, _valueWidth);
        Attended = Take(ref next, tokens, _attendedWidth);
        Gate = Take(ref next, slice, config.FeedForwardSize);
        Up = Take(ref next, slice, config.FeedForwardSize);
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
        _tokens = 0;
    }

    private long FloatsFor(int tokens)
    {
        ReadOnlySpan<int> widths = [config.HiddenSize, _queryWidth, _keyWidth, _valueWidth, _attendedWidth];
        var total = 2 * AlignedFloats(Math.Min(tokens, SliceTokens), config.FeedForwardSize);
        foreach (var width in widths)
        {
            total += AlignedFloats(tokens, width);
        }

        return total;
    }

    // Each buffer begins at a multiple of 64 bytes.
    private static long AlignedFloats(int tokens, int width) => (((long)tokens * width) + 15) & ~15L;

    private static float* Take(ref float* next, int tokens, int width)
    {
        var taken = next;
        next += AlignedFloats(tokens, width);
        return taken;
    }
}
