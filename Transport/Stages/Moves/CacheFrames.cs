using System.Buffers;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Transport.Stages.Moves;

/// <summary>What goes over a stream of keys and values (<c>cache/1.0.0</c>), which the stage that takes them opens.</summary>
/// <remarks>
/// Behind the greetings the taker says from which stage of which plan it takes, and in which epoch that had its place, as
/// <see cref="Links.Attachment"/> does; the giver answers as there. Then:
/// <code>
/// take        int kind = 6, int first layer, int layers                                        taker
/// sequences   int kind = 7, int layout of blocks, int bytes of a block in a layer, int sequences   giver; from here on nobody else speaks
/// sequence    int kind = 8, int id, int tokens, array of int: numbers of its blocks            one for each sequence
/// blocks      int kind = 9, int layer, int first, bin: keys and values of some blocks, one behind the other
/// </code>
/// Blocks come layer after layer; in each, all that some sequence uses, by their numbers; <c>first</c> is the number of the first one in a
/// frame. The bytes are as they lie in the giver's cache, also those of a block's places that no token has. The last one is the end.
/// </remarks>
internal static class CacheFrames
{
    /// <summary>Sequences at most.</summary>
    public const int MaxSequences = 1 << 16;

    /// <summary>Blocks of all sequences together at most, those counted twice that two sequences share.</summary>
    public const int MaxReferences = 1 << 22;

    // So much is on its way at once, at least one block.
    private const int BytesPerFrame = 1 << 20;

    // Of a frame's other values, and of one number in an array.
    private const int OtherBytes = 256;
    private const int NumberBytes = 5;

    /// <summary>For what has no blocks in it.</summary>
    public static FrameLimits Small { get; } = new() { MaxFrameBytes = OtherBytes, MaxBinaryBytes = 0, MaxStringBytes = 0, MaxArrayLength = 0 };

    /// <summary>For a sequence.</summary>
    /// <param name="blockCount">Blocks of the cache.</param>
    public static FrameLimits Sequence(int blockCount)
    {
        var most = Math.Min(blockCount, MaxReferences);
        return Small with { MaxFrameBytes = OtherBytes + (NumberBytes * most), MaxArrayLength = most };
    }

    /// <summary>For blocks.</summary>
    public static FrameLimits Blocks(long blockBytes)
    {
        var most = checked((int)(blockBytes * BlocksPerFrame(blockBytes)));
        return Small with { MaxFrameBytes = OtherBytes + most, MaxBinaryBytes = most };
    }

    /// <summary>Blocks of one frame.</summary>
    /// <exception cref="SwarmException"><c>not_movable</c>: not even one fits.</exception>
    public static int BlocksPerFrame(long blockBytes) => blockBytes <= FrameLimits.Default.MaxBinaryBytes
        ? (int)Math.Max(1, BytesPerFrame / blockBytes)
        : throw new SwarmException("not_movable", $"a block of keys and values has {blockBytes} bytes; a frame has room for {FrameLimits.Default.MaxBinaryBytes}");

    public static void WriteTake(FrameWriter frames, LayerRange layers)
    {
        var writer = frames.Begin();
        writer.Write((int)FrameKind.Take);
        writer.Write(layers.First);
        writer.Write(layers.Count);
        frames.End(ref writer);
    }

    /// <exception cref="SwarmException"><c>invalid_frame</c></exception>
    public static LayerRange ReadTake(in ReadOnlySequence<byte> frame)
    {
        var decoder = new FrameDecoder(frame, Small);
        decoder.RequireKind(FrameKind.Take);
        var layers = new LayerRange(decoder.ReadInt32("first layer"), decoder.ReadInt32("layers"));
        decoder.RequireEnd();
        return layers;
    }

    public static void WriteSequences(FrameWriter frames, IMovableStage stage, int count)
    {
        var writer = frames.Begin();
        writer.Write((int)FrameKind.Sequences);
        writer.Write(stage.BlockLayout);
        writer.Write(stage.BlockBytes);
        writer.Write(count);
        frames.End(ref writer);
    }

    /// <returns>How many sequences follow.</returns>
    /// <exception cref="SwarmException"><c>invalid_frame</c>; <c>not_movable</c>: the giver keeps blocks otherwise.</exception>
    public static int ReadSequences(in ReadOnlySequence<byte> frame, IMovableStage stage)
    {
        var decoder = new FrameDecoder(frame, Small);
        decoder.RequireKind(FrameKind.Sequences);
        var (layout, bytes, count) = (decoder.ReadInt32("layout"), decoder.ReadInt64("bytes of a block"), decoder.ReadInt32("sequences"));
        decoder.RequireEnd();
        if (layout != stage.BlockLayout || bytes != stage.BlockBytes)
        {
            throw new SwarmException(
                "not_movable", $"blocks come in layout {layout} with {bytes} bytes; here they are in layout {stage.BlockLayout} with {stage.BlockBytes}");
        }

        return count is >= 0 and <= MaxSequences ? count : throw FrameErrors.TooLarge("the number of sequences", count, MaxSequences);
    }

    public static void WriteSequence(FrameWriter frames, CachedSequence sequence)
    {
        var writer = frames.Begin();
        writer.Write((int)FrameKind.Sequence);
        writer.Write(sequence.Id);
        writer.Write(sequence.Length);
        writer.WriteArrayHeader(sequence.Blocks.Count);
        foreach (var block in sequence.Blocks)
        {
            writer.Write(block);
        }

        frames.End(ref writer);
    }

    /// <exception cref="SwarmException"><c>invalid_frame</c>, <c>frame_too_large</c></exception>
    public static CachedSequence ReadSequence(in ReadOnlySequence<byte> frame, FrameLimits limits)
    {
        var decoder = new FrameDecoder(frame, limits);
        decoder.RequireKind(FrameKind.Sequence);
        var (id, length) = (decoder.ReadInt64("sequence"), decoder.ReadInt32("tokens"));
        var blocks = new int[decoder.ReadArrayLength("blocks")];
        for (var i = 0; i < blocks.Length; i++)
        {
            blocks[i] = decoder.ReadInt32("block");
        }

        decoder.RequireEnd();
        return new CachedSequence(id, length, blocks);
    }

    public static void WriteBlocks(FrameWriter frames, int layer, int first, ReadOnlySpan<byte> bytes)
    {
        var writer = frames.Begin();
        writer.Write((int)FrameKind.Blocks);
        writer.Write(layer);
        writer.Write(first);
        frames.End(ref writer, bytes);
    }

    /// <param name="frame">Without its prefix.</param>
    /// <param name="limits">What it may ask for.</param>
    /// <param name="layer">Whose blocks have to come.</param>
    /// <param name="first">The first one that has to.</param>
    /// <exception cref="SwarmException"><c>invalid_frame</c>, <c>frame_too_large</c></exception>
    public static ReadOnlySequence<byte> ReadBlocks(in ReadOnlySequence<byte> frame, FrameLimits limits, int layer, int first)
    {
        var decoder = new FrameDecoder(frame, limits);
        decoder.RequireKind(FrameKind.Blocks);
        var found = (Layer: decoder.ReadInt32("layer"), First: decoder.ReadInt32("first block"));
        var bytes = decoder.ReadBinary("keys and values");
        decoder.RequireEnd();
        return found == (layer, first)
            ? bytes
            : throw FrameErrors.Invalid($"blocks from {found.First} on of layer {found.Layer} come; expected are those from {first} on of layer {layer}");
    }
}
