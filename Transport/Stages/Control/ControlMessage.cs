using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Stages.Control;

/// <summary>
/// What a head and a worker tell each other about one stage, over one stream that the head opens (<c>control/1.0.0</c>). The plan lives
/// as long as the stream does. <see cref="ControlCodec"/> has the layout.
/// </summary>
internal abstract record ControlMessage
{
    private ControlMessage()
    {
    }

    /// <summary>Head: be this stage. The first message, and the only one of its kind.</summary>
    public sealed record Offer(StageOffer Stage) : ControlMessage;

    /// <summary>Worker: so far the load has come.</summary>
    public sealed record Progress(StageProgress Load) : ControlMessage;

    /// <summary>Worker: the stage could compute, or its weights are here if no more is wanted.</summary>
    /// <param name="Numerics">What decides its last bits.</param>
    /// <param name="MemoryBytes">What it takes.</param>
    /// <param name="PerLayer">What a layer takes for one token; zero: not measured.</param>
    /// <param name="IsMovable">Whether its keys and values can go to another stage of the same numerics, and it can give layers away.</param>
    public sealed record Ready(NumericIdentity Numerics, long MemoryBytes, TimeSpan PerLayer, bool IsMovable = false) : ControlMessage
    {
        /// <summary>Of a standby: it takes no memory, and computes nothing.</summary>
        public static Ready Standby { get; } = new(new NumericIdentity(0, "none", "none", "none"), 0, TimeSpan.Zero);
    }

    /// <summary>Head: this is the stage's place from now on. It finishes the step that it computes, and its streams are over.</summary>
    public sealed record Prepare(StageLinks Links) : ControlMessage;

    /// <summary>
    /// Worker: that is done, and it has the keys and values that it was to take from others; the stream of the stage before may come.
    /// </summary>
    /// <param name="Epoch">In which it has its place.</param>
    /// <param name="MemoryBytes">What it takes, once the streams are opened.</param>
    public sealed record Prepared(int Epoch, long MemoryBytes) : ControlMessage;

    /// <summary>
    /// Head: no step comes any more in this epoch. From now on these may read the stage's keys and values, until the streams of the next epoch
    /// are opened, another one begins, or the stage is unloaded.
    /// </summary>
    /// <param name="Epoch">That is over.</param>
    /// <param name="Takers">Who may.</param>
    public sealed record Give(int Epoch, IReadOnlyList<PeerId> Takers) : ControlMessage;

    /// <summary>Worker: it computes nothing more in this epoch, and they may.</summary>
    public sealed record Giving(int Epoch) : ControlMessage;

    /// <summary>Head: all stages are prepared, open the stream to the next one.</summary>
    public sealed record Connect(int Epoch) : ControlMessage;

    /// <summary>Worker: it is open.</summary>
    public sealed record Connected(int Epoch) : ControlMessage;

    /// <summary>Head: do not compute this step; it may be under way, or still to come.</summary>
    public sealed record Cancel(long Step) : ControlMessage;

    /// <summary>Either: I live.</summary>
    /// <param name="Done">The last step that the worker has computed; -1: none, or it is the head who speaks.</param>
    public sealed record Heartbeat(long Done = -1) : ControlMessage;

    /// <summary>Head: the plan is over.</summary>
    public sealed record Unload : ControlMessage;

    /// <summary>Worker: it is about to leave, and goes on until others have the layers.</summary>
    public sealed record Leaving : ControlMessage;

    /// <summary>Any member: hand over all layers of all heads, and leave the swarm. The first message, instead of an offer.</summary>
    public sealed record Drain : ControlMessage;

    /// <summary>Worker: a stream of steps is lost.</summary>
    /// <param name="Epoch">Of the stream.</param>
    /// <param name="Stage">Who is at its other end; the number of stages: the head.</param>
    /// <param name="Code">Of the error.</param>
    /// <param name="Text">In one line.</param>
    public sealed record Lost(int Epoch, int Stage, string Code, string Text) : ControlMessage;

    /// <summary>Worker: the stage is gone, or never was; the last message.</summary>
    /// <param name="Code">Of the error that is the cause.</param>
    /// <param name="Text">In one line.</param>
    public sealed record Ended(string Code, string Text) : ControlMessage;
}
