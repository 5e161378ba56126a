namespace ManagedSwarm.Transport.Frames;

/// <summary>What a frame is: its first value.</summary>
internal enum FrameKind
{
    /// <summary>See <see cref="Frames.Hello"/>; the first frame in each direction of a stream.</summary>
    Hello = 0,

    /// <summary>See <see cref="StepFrame"/>.</summary>
    Step = 1,

    /// <summary>See <see cref="ResultFrameReader"/>.</summary>
    Result = 2,

    /// <summary>Whom a stage's stream is for: see <see cref="Stages.Links.Attachment"/>.</summary>
    Attach = 3,

    /// <summary>The answer to <see cref="Attach"/>.</summary>
    Attached = 4,

    /// <summary>A step that gives a fresh stage what a lost one knew: see <see cref="StepFrame"/>.</summary>
    Replay = 5,

    // Kinds of a stream of keys and values: see Stages.Moves.CacheFrames.
    Take = 6,
    Sequences = 7,
    Sequence = 8,
    Blocks = 9,

    // Kinds of a control stream: see Stages.Control.ControlCodec.
    Offer = 20,
    Progress = 21,
    Ready = 22,
    Connect = 23,
    Connected = 24,
    Cancel = 25,
    Heartbeat = 26,
    Unload = 27,
    Lost = 28,
    Ended = 29,
    Prepare = 30,
    Prepared = 31,
    Leaving = 32,
    Drain = 33,
    Give = 34,
    Giving = 35,
}
