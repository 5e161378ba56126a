namespace ManagedSwarm.Transport.Frames;

/// <summary>What a frame is: its first value.</summary>
internal enum FrameKind
{
    /// <summary>See <see cref="Frames.Hello"/>; the first frame in each direction of a stream.</summary>
    Hello = 0,

    /// <summary>See <see cref="StepFrame"/>.</summary>
    Step = 1,
}
