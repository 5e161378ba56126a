namespace ManagedSwarm.Transport.Frames;

/// <summary>
/// What a peer may ask for. Every length in a frame is held against one of these, and against what is left of the frame, before anything is
/// made of that size. A long frame costs memory only as its bytes come, not when it is announced.
/// </summary>
internal sealed record FrameLimits
{
    /// <summary>For frames that carry activations or parts of files.</summary>
    public static FrameLimits Default { get; } = new();

    /// <summary>For the first frame of a stream, whose sender has said nothing yet.</summary>
    public static FrameLimits Hello { get; } = new()
    {
        MaxFrameBytes = 16 << 10,
        MaxStringBytes = 256,
        MaxArrayLength = 256,
        MaxBinaryBytes = 0,
    };

    /// <summary>Bytes of a frame behind its length. 2,048 tokens of 8,192 floats are 64 MiB.</summary>
    public int MaxFrameBytes { get; init; } = (64 << 20) + (1 << 20);

    /// <summary>For steps of so many tokens at most.</summary>
    public static FrameLimits ForSteps(int tokens, int hiddenSize, WireType wire)
    {
        var hidden = (int)Math.Min(Default.MaxBinaryBytes, tokens * HiddenStates.BytesPerToken(wire, hiddenSize));
        return Default with { MaxBinaryBytes = hidden, MaxFrameBytes = hidden + (1 << 20) };
    }

    /// <summary>Bytes of a string.</summary>
    public int MaxStringBytes { get; init; } = 4 << 10;

    /// <summary>Elements of an array, pairs of a map.</summary>
    public int MaxArrayLength { get; init; } = 16 << 10;

    /// <summary>Bytes of a binary value.</summary>
    public int MaxBinaryBytes { get; init; } = 64 << 20;
}
