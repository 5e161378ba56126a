using System.Buffers;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Libp2p;
using MessagePack;

namespace ManagedSwarm.Transport.Stages.Control;

/// <summary>An offer as bytes, and back.</summary>
/// <remarks>
/// <code>
/// int      kind = 20
/// array    18 elements; a later minor version may add some, which are passed over
///   bin      plan id, 16 bytes
///   string   model's name, string model's hash
///   int      first layer, int layers of the stage, int layers of the model, int floats per token
///   int      KV type (KvType), int tokens per KV block, int KV capacity in tokens
///   int      kernels (KernelKind), int wire type (WireType), int tokens per step, int queued steps
///   array    of peers: sources of weights; each an array: bin id, array of addresses: each a bin
///   bin      manifest
///   int      tokens that are logged
///   bool     is standby: only the weights are fetched
/// </code>
/// </remarks>
internal static class OfferCodec
{
    /// <summary>Bytes of an address.</summary>
    public const int MaxAddressBytes = 1024;

    private const int Elements = 18;
    private const int PeerElements = 2;

    public static void Write(ref MessagePackWriter writer, StageOffer offer)
    {
        writer.WriteArrayHeader(Elements);
        WritePlan(ref writer, offer.Plan);
        writer.Write(offer.ModelName);
        writer.Write(offer.ModelHash);
        WriteNumbers(ref writer, offer);
        writer.WriteArrayHeader(offer.Sources.Count);
        foreach (var source in offer.Sources)
        {
            Write(ref writer, source);
        }

        writer.Write(offer.Manifest.Span);
        writer.Write(offer.LoggedTokens);
        writer.Write(offer.IsStandby);
    }

    /// <exception cref="SwarmException">
    /// <c>invalid_frame</c>, <c>frame_too_large</c>, <c>invalid_peer_id</c>, <c>invalid_address</c>; <c>invalid_offer</c>: see
    /// <see cref="OfferRules"/>.
    /// </exception>
    public static StageOffer Read(ref FrameDecoder decoder)
    {
        var elements = decoder.ReadArrayLength("offer");
        if (elements < Elements)
        {
            throw FrameErrors.Invalid($"the offer has {elements} elements; expected are at least {Elements}");
        }

        // In the order of the layout: C# evaluates initializers so.
        var offer = new StageOffer
        {
            Plan = ReadPlan(ref decoder),
            ModelName = decoder.ReadString("model's name"),
            ModelHash = decoder.ReadString("model's hash"),
            Layers = new LayerRange(decoder.ReadInt32("first layer"), decoder.ReadInt32("layers of the stage")),
            LayerCount = decoder.ReadInt32("layers of the model"),
            HiddenSize = decoder.ReadInt32("floats per token"),
            KvCache = ReadCache(ref decoder),
            Kernels = (KernelKind)decoder.ReadInt32("kernels"),
            Wire = (WireType)decoder.ReadInt32("wire type"),
            TokensPerStep = decoder.ReadInt32("tokens per step"),
            QueuedSteps = decoder.ReadInt32("queued steps"),
            Sources = ReadSources(ref decoder),
            Manifest = decoder.ReadBinary("manifest").ToArray(),
            LoggedTokens = decoder.ReadInt32("tokens that are logged"),
            IsStandby = decoder.ReadBoolean("standby"),
        };
        for (var i = Elements; i < elements; i++)
        {
            decoder.Skip("a later version's element of the offer");
        }

        OfferRules.Check(offer);
        return offer;
    }

    /// <summary>Writes a plan's id.</summary>
    public static void WritePlan(ref MessagePackWriter writer, PlanId plan)
    {
        writer.WriteBinHeader(PlanId.Bytes);
        plan.WriteTo(writer.GetSpan(PlanId.Bytes));
        writer.Advance(PlanId.Bytes);
    }

    /// <summary>Reads a plan's id.</summary>
    /// <exception cref="SwarmException"><c>invalid_frame</c></exception>
    public static PlanId ReadPlan(ref FrameDecoder decoder)
    {
        var found = decoder.ReadBinary("plan id");
        if (found.Length != PlanId.Bytes)
        {
            throw FrameErrors.Invalid($"the plan id has {found.Length} bytes; expected are {PlanId.Bytes}");
        }

        Span<byte> bytes = stackalloc byte[PlanId.Bytes];
        found.CopyTo(bytes);
        return PlanId.FromBytes(bytes);
    }

    private static void WriteNumbers(ref MessagePackWriter writer, StageOffer offer)
    {
        writer.Write(offer.Layers.First);
        writer.Write(offer.Layers.Count);
        writer.Write(offer.LayerCount);
        writer.Write(offer.HiddenSize);
        writer.Write((int)offer.KvCache.Type);
        writer.Write(offer.KvCache.BlockLength);
        writer.Write(offer.KvCache.CapacityTokens);
        writer.Write((int)offer.Kernels);
        writer.Write((int)offer.Wire);
        writer.Write(offer.TokensPerStep);
        writer.Write(offer.QueuedSteps);
    }

    internal static void Write(ref MessagePackWriter writer, StagePeer peer)
    {
        writer.WriteArrayHeader(PeerElements);
        writer.Write(peer.Id.Bytes.Span);
        writer.WriteArrayHeader(peer.Addresses.Count);
        foreach (var address in peer.Addresses)
        {
            writer.Write(address.Bytes.Span);
        }
    }

    private static KvCacheOptions ReadCache(ref FrameDecoder decoder) => new()
    {
        Type = (KvType)decoder.ReadInt32("KV type"),
        BlockLength = decoder.ReadInt32("tokens per KV block"),
        CapacityTokens = decoder.ReadInt32("KV capacity"),
    };

    internal static PeerId ReadId(ref FrameDecoder decoder) => PeerId.FromBytes(Short(decoder.ReadBinary("peer id"), PeerId.MaxBytes, "peer id"));

    internal static StagePeer ReadPeer(ref FrameDecoder decoder)
    {
        decoder.RequireArrayLength("a peer", PeerElements);
        var id = ReadId(ref decoder);
        var addresses = new Multiaddress[Few(decoder.ReadArrayLength("addresses"), OfferRules.MaxAddresses, "addresses")];
        for (var i = 0; i < addresses.Length; i++)
        {
            addresses[i] = Multiaddress.FromBytes(Short(decoder.ReadBinary("an address"), MaxAddressBytes, "an address"));
        }

        return new StagePeer(id, addresses);
    }

    private static StagePeer[] ReadSources(ref FrameDecoder decoder)
    {
        var sources = new StagePeer[Few(decoder.ReadArrayLength("sources"), StageOffer.MaxSources, "sources")];
        for (var i = 0; i < sources.Length; i++)
        {
            sources[i] = ReadPeer(ref decoder);
        }

        return sources;
    }

    internal static int Few(int found, int allowed, string name) => found <= allowed ? found : throw FrameErrors.TooLarge(name, found, allowed);

    private static byte[] Short(in ReadOnlySequence<byte> bytes, int allowed, string name) =>
        bytes.Length <= allowed ? bytes.ToArray() : throw FrameErrors.TooLarge(name, bytes.Length, allowed);
}
