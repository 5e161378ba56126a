using System.Buffers;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Membership;
using MessagePack;

namespace ManagedSwarm.Transport.Stages.Control;

/// <summary>Messages of a control stream as frames, and back.</summary>
/// <remarks>
/// <code>
/// offer       see OfferCodec
/// progress    int kind = 21, int state (StageState), int bytes done, int bytes in all, int bytes per second
/// ready       int kind = 22, array (numeric identity: int kernel contract, string device, string KV type, string wire type),
///             int bytes of memory, int microseconds per layer and token, bool can be moved
/// connect     int kind = 23, int epoch
/// connected   int kind = 24, int epoch
/// cancel      int kind = 25, int step
/// heartbeat   int kind = 26, int last step done
/// unload      int kind = 27
/// lost        int kind = 28, int epoch, int stage, string code, string text
/// ended       int kind = 29, string code, string text
/// prepare     int kind = 30, int epoch, int stage, int number of stages, bin id of the peer before, peer behind (as in OfferCodec),
///             bool is fresh, bool replays the next stage, int last step answered, int first layer that is kept, int layers that are kept
///             (0: all), array of takes: each an array: peer (as in OfferCodec), int epoch, int stage, int first layer, int layers
/// prepared    int kind = 31, int epoch, int bytes of memory
/// leaving     int kind = 32
/// drain       int kind = 33
/// give        int kind = 34, int epoch, array of bin: ids of peers
/// giving      int kind = 35, int epoch
/// </code>
/// </remarks>
internal static class ControlCodec
{
    private const int NumericElements = 4;

    /// <exception cref="SwarmException"><c>frame_too_large</c></exception>
    public static void Write(FrameWriter frames, ControlMessage message)
    {
        var writer = frames.Begin();
        writer.Write((int)KindOf(message));
        switch (message)
        {
            case ControlMessage.Offer { Stage: var offer }:
                OfferCodec.Write(ref writer, offer);
                break;
            case ControlMessage.Progress { Load: var load }:
                writer.Write((int)load.State);
                writer.Write(load.BytesDone);
                writer.Write(load.BytesTotal);
                writer.Write(load.BytesPerSecond);
                break;
            case ControlMessage.Ready ready:
                WriteReady(ref writer, ready);
                break;
            case ControlMessage.Cancel { Step: var step }:
                writer.Write(step);
                break;
            case ControlMessage.Heartbeat { Done: var done }:
                writer.Write(done);
                break;
            case ControlMessage.Prepare { Links: var links }:
                LinksCodec.Write(ref writer, links);
                break;
            case ControlMessage.Prepared prepared:
                writer.Write(prepared.Epoch);
                writer.Write(prepared.MemoryBytes);
                break;
            case ControlMessage.Give give:
                LinksCodec.Write(ref writer, give);
                break;
            case ControlMessage.Giving { Epoch: var epoch }:
                writer.Write(epoch);
                break;
            case ControlMessage.Connect { Epoch: var epoch }:
                writer.Write(epoch);
                break;
            case ControlMessage.Connected { Epoch: var epoch }:
                writer.Write(epoch);
                break;
            case ControlMessage.Lost lost:
                writer.Write(lost.Epoch);
                writer.Write(lost.Stage);
                WriteReason(ref writer, lost.Code, lost.Text);
                break;
            case ControlMessage.Ended ended:
                WriteReason(ref writer, ended.Code, ended.Text);
                break;
        }

        frames.End(ref writer);
    }

    /// <param name="frame">Without its prefix.</param>
    /// <param name="limits">What it may ask for.</param>
    /// <exception cref="SwarmException"><c>invalid_frame</c>, <c>frame_too_large</c>, and what <see cref="OfferCodec.Read"/> throws.</exception>
    public static ControlMessage Read(in ReadOnlySequence<byte> frame, FrameLimits limits)
    {
        var decoder = new FrameDecoder(frame, limits);
        var kind = (FrameKind)decoder.ReadInt32("kind");
        ControlMessage message = kind switch
        {
            FrameKind.Offer => new ControlMessage.Offer(OfferCodec.Read(ref decoder)),
            FrameKind.Progress => new ControlMessage.Progress(ReadProgress(ref decoder)),
            FrameKind.Ready => ReadReady(ref decoder),
            FrameKind.Leaving => new ControlMessage.Leaving(),
            FrameKind.Drain => new ControlMessage.Drain(),
            FrameKind.Prepare => new ControlMessage.Prepare(LinksCodec.Read(ref decoder)),
            FrameKind.Prepared => new ControlMessage.Prepared(
                decoder.ReadInt32("epoch"), NotNegative("memory", decoder.ReadInt64("memory"))),
            FrameKind.Give => LinksCodec.ReadGive(ref decoder),
            FrameKind.Giving => new ControlMessage.Giving(decoder.ReadInt32("epoch")),
            FrameKind.Connect => new ControlMessage.Connect(decoder.ReadInt32("epoch")),
            FrameKind.Connected => new ControlMessage.Connected(decoder.ReadInt32("epoch")),
            FrameKind.Cancel => new ControlMessage.Cancel(decoder.ReadInt64("step")),
            FrameKind.Heartbeat => new ControlMessage.Heartbeat(decoder.ReadInt64("step")),
            FrameKind.Unload => new ControlMessage.Unload(),
            FrameKind.Lost => new ControlMessage.Lost(
                decoder.ReadInt32("epoch"), (int)NotNegative("stage", decoder.ReadInt32("stage")), ReadCode(ref decoder), ReadText(ref decoder)),
            FrameKind.Ended => new ControlMessage.Ended(ReadCode(ref decoder), ReadText(ref decoder)),
            _ => throw FrameErrors.Invalid($"found is one of kind {(int)kind}, which no control stream has"),
        };
        decoder.RequireEnd();
        return message;
    }

    private static FrameKind KindOf(ControlMessage message) => message switch
    {
        ControlMessage.Offer => FrameKind.Offer,
        ControlMessage.Progress => FrameKind.Progress,
        ControlMessage.Ready => FrameKind.Ready,
        ControlMessage.Leaving => FrameKind.Leaving,
        ControlMessage.Drain => FrameKind.Drain,
        ControlMessage.Prepare => FrameKind.Prepare,
        ControlMessage.Prepared => FrameKind.Prepared,
        ControlMessage.Give => FrameKind.Give,
        ControlMessage.Giving => FrameKind.Giving,
        ControlMessage.Connect => FrameKind.Connect,
        ControlMessage.Connected => FrameKind.Connected,
        ControlMessage.Cancel => FrameKind.Cancel,
        ControlMessage.Heartbeat => FrameKind.Heartbeat,
        ControlMessage.Unload => FrameKind.Unload,
        ControlMessage.Lost => FrameKind.Lost,
        _ => FrameKind.Ended,
    };

    private static void WriteReady(ref MessagePackWriter writer, ControlMessage.Ready ready)
    {
        writer.WriteArrayHeader(NumericElements);
        writer.Write(ready.Numerics.KernelContract);
        writer.Write(ready.Numerics.Device);
        writer.Write(ready.Numerics.KvType);
        writer.Write(ready.Numerics.WireType);
        writer.Write(ready.MemoryBytes);
        writer.Write((long)ready.PerLayer.TotalMicroseconds);
        writer.Write(ready.IsMovable);
    }

    private static ControlMessage.Ready ReadReady(ref FrameDecoder decoder)
    {
        decoder.RequireArrayLength("numeric identity", NumericElements);
        var numerics = new NumericIdentity(
            decoder.ReadInt32("kernel contract"), ReadName(ref decoder, "device"), ReadName(ref decoder, "KV type"), ReadName(ref decoder, "wire type"));
        var memory = NotNegative("memory", decoder.ReadInt64("memory"));
        var perLayer = Math.Min(NotNegative("microseconds", decoder.ReadInt64("microseconds")), (long)TimeSpan.MaxValue.TotalMicroseconds / 2);
        return new ControlMessage.Ready(numerics, memory, TimeSpan.FromMicroseconds(perLayer), decoder.ReadBoolean("whether it can be moved"));
    }

    private static StageProgress ReadProgress(ref FrameDecoder decoder)
    {
        var state = decoder.ReadInt32("state");
        return state is >= (int)StageState.Fetching and <= (int)StageState.Loading
            ? new StageProgress(
                (StageState)state,
                NotNegative("bytes done", decoder.ReadInt64("bytes done")),
                NotNegative("bytes in all", decoder.ReadInt64("bytes in all")),
                NotNegative("bytes per second", decoder.ReadInt64("bytes per second")))
            : throw FrameErrors.Invalid($"the state of a load is {state}; known are {(int)StageState.Fetching} and {(int)StageState.Loading}");
    }

    private static void WriteReason(ref MessagePackWriter writer, string code, string text)
    {
        writer.Write(ShownText.Fit(code, ControlLimits.MaxCodeBytes));
        writer.Write(ShownText.Fit(text, ControlLimits.MaxTextBytes));
    }

    private static string ReadCode(ref FrameDecoder decoder) => ShownText.Fit(decoder.ReadString("code"), ControlLimits.MaxCodeBytes);

    private static string ReadText(ref FrameDecoder decoder) => ShownText.Fit(decoder.ReadString("text"), ControlLimits.MaxTextBytes);

    private static string ReadName(ref FrameDecoder decoder, string name) => ShownText.Fit(decoder.ReadString(name), ControlLimits.MaxCodeBytes);

    private static long NotNegative(string name, long found) => found >= 0 ? found : throw FrameErrors.Invalid($"{name} is {found}; expected is 0 or more");
}
