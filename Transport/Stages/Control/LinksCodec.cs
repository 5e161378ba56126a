using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Libp2p;
using MessagePack;

namespace ManagedSwarm.Transport.Stages.Control;

/// <summary>A stage's place in its chain, and who may take its keys and values, as bytes, and back; the layouts are <see cref="ControlCodec"/>'s.</summary>
internal static class LinksCodec
{
    private const int TakeElements = 5;

    public static void Write(ref MessagePackWriter writer, StageLinks links)
    {
        writer.Write(links.Epoch);
        writer.Write(links.Stage);
        writer.Write(links.StageCount);
        writer.Write(links.Previous.Bytes.Span);
        OfferCodec.Write(ref writer, links.Next);
        writer.Write(links.IsFresh);
        writer.Write(links.ReplaysNext);
        writer.Write(links.Answered);
        Write(ref writer, links.Kept ?? default);
        writer.WriteArrayHeader(links.Takes.Count);
        foreach (var take in links.Takes)
        {
            writer.WriteArrayHeader(TakeElements);
            OfferCodec.Write(ref writer, take.From);
            writer.Write(take.Epoch);
            writer.Write(take.Stage);
            Write(ref writer, take.Layers);
        }
    }

    public static void Write(ref MessagePackWriter writer, ControlMessage.Give give)
    {
        writer.Write(give.Epoch);
        writer.WriteArrayHeader(give.Takers.Count);
        foreach (var taker in give.Takers)
        {
            writer.Write(taker.Bytes.Span);
        }
    }

    /// <exception cref="SwarmException">
    /// <c>invalid_frame</c>, <c>frame_too_large</c>, <c>invalid_peer_id</c>, <c>invalid_address</c>; <c>invalid_offer</c>: see
    /// <see cref="OfferRules"/>.
    /// </exception>
    public static StageLinks Read(ref FrameDecoder decoder)
    {
        var links = new StageLinks(
            decoder.ReadInt32("epoch"),
            decoder.ReadInt32("stage"),
            decoder.ReadInt32("number of stages"),
            OfferCodec.ReadId(ref decoder),
            OfferCodec.ReadPeer(ref decoder),
            decoder.ReadBoolean("freshness"),
            decoder.ReadBoolean("replay"),
            decoder.ReadInt64("step"))
        {
            Kept = ReadLayers(ref decoder) is { Count: not 0 } kept ? kept : null,
            Takes = ReadTakes(ref decoder),
        };
        OfferRules.Check(links);
        return links;
    }

    /// <exception cref="SwarmException"><c>invalid_frame</c>, <c>frame_too_large</c>, <c>invalid_peer_id</c></exception>
    public static ControlMessage.Give ReadGive(ref FrameDecoder decoder)
    {
        var epoch = decoder.ReadInt32("epoch");
        var takers = new PeerId[decoder.ReadArrayLength("takers")];
        for (var i = 0; i < takers.Length; i++)
        {
            takers[i] = OfferCodec.ReadId(ref decoder);
        }

        return new ControlMessage.Give(epoch, takers);
    }

    private static StageTake[] ReadTakes(ref FrameDecoder decoder)
    {
        var takes = new StageTake[OfferCodec.Few(decoder.ReadArrayLength("takes"), StageLinks.MaxTakes, "takes")];
        for (var i = 0; i < takes.Length; i++)
        {
            decoder.RequireArrayLength("a take", TakeElements);
            takes[i] = new StageTake(
                OfferCodec.ReadPeer(ref decoder), decoder.ReadInt32("a take's epoch"), decoder.ReadInt32("a take's stage"), ReadLayers(ref decoder));
        }

        return takes;
    }

    private static void Write(ref MessagePackWriter writer, LayerRange layers)
    {
        writer.Write(layers.First);
        writer.Write(layers.Count);
    }

    private static LayerRange ReadLayers(ref FrameDecoder decoder) => new(decoder.ReadInt32("first layer"), decoder.ReadInt32("layers"));
}
