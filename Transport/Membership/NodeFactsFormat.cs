using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Libp2p;
using MessagePack;
using static ManagedSwarm.Transport.Membership.RecordReading;

namespace ManagedSwarm.Transport.Membership;

/// <summary>A node's facts in its record.</summary>
/// <remarks>
/// MessagePack; a hash is a bin of 32 bytes, or of none where it is not known. Each array may grow in later versions, but for the lists.
/// <code>
/// array
///   string name
///   string version
///   array  list of roles, each a string
///   string device
///   int    cores
///   int    total memory, bytes
///   int    free memory, bytes
///   array  list of models, each an array: string id, bin hash, int bytes, string numerics (left out where it is empty)
///   array  list of layers that are held, each an array: bin hash of the model, int first, int end
///   array  load: int in flight, int queued, int tokens per second (left out where it is not known)
///   array  list of addresses, each a bin: a multiaddr
///   int    memory bandwidth, bytes per second; left out where it is not known
/// </code>
/// </remarks>
internal static class NodeFactsFormat
{
    private const int Elements = 11;
    private const int ElementsWithBandwidth = 12;
    private const int ModelElements = 3;
    private const int LayersElements = 3;
    private const int ModelElementsWithNumerics = 4;
    private const int LoadElements = 2;
    private const int LoadElementsWithSpeed = 3;
    private const int HashBytes = 32;

    /// <exception cref="SwarmException"><c>invalid_frame</c>, <c>frame_too_large</c>, <c>invalid_record</c></exception>
    public static NodeFacts Read(ref FrameDecoder decoder)
    {
        var elements = RequireElements(ref decoder, "facts", Elements);
        var facts = new NodeFacts
        {
            Name = ReadText(ref decoder, "name", RecordLimits.MaxNameBytes),
            Version = ReadText(ref decoder, "version", RecordLimits.MaxWordBytes),
            Roles = ReadList(ref decoder, "roles", RecordLimits.MaxRoles, ReadRole),
            Device = ReadText(ref decoder, "device", RecordLimits.MaxWordBytes),
            Cores = ReadCount(ref decoder, "cores"),
            TotalMemory = ReadSize(ref decoder, "total memory"),
            FreeMemory = ReadSize(ref decoder, "free memory"),
            Models = ReadList(ref decoder, "models", RecordLimits.MaxModels, ReadModel),
            Layers = ReadList(ref decoder, "layers", RecordLimits.MaxLayerRanges, ReadLayers),
            Load = ReadLoad(ref decoder),
            // One of a later version's protocols does not make the others worthless.
            Addresses = [.. ReadList(ref decoder, "addresses", RecordLimits.MaxAddresses, ReadAddress).OfType<Multiaddress>()],
        };
        if (elements >= ElementsWithBandwidth)
        {
            facts = facts with { MemoryBandwidth = ReadSize(ref decoder, "memory bandwidth") };
        }

        SkipLater(ref decoder, elements - ElementsWithBandwidth);
        return facts;
    }

    /// <param name="writer">Where they go.</param>
    /// <param name="facts">Fitting ones, as of <see cref="FittingFacts"/>.</param>
    public static void Write(ref MessagePackWriter writer, NodeFacts facts)
    {
        writer.WriteArrayHeader(facts.MemoryBandwidth > 0 ? ElementsWithBandwidth : Elements);
        writer.Write(facts.Name);
        writer.Write(facts.Version);
        writer.WriteArrayHeader(facts.Roles.Count);
        foreach (var role in facts.Roles)
        {
            writer.Write(role);
        }

        writer.Write(facts.Device);
        writer.Write(facts.Cores);
        writer.Write(facts.TotalMemory);
        writer.Write(facts.FreeMemory);
        WriteModels(ref writer, facts.Models);
        WriteLayers(ref writer, facts.Layers);
        WriteLoad(ref writer, facts.Load);
        writer.WriteArrayHeader(facts.Addresses.Count);
        foreach (var address in facts.Addresses)
        {
            writer.Write(address.Bytes.Span);
        }

        if (facts.MemoryBandwidth > 0)
        {
            writer.Write(facts.MemoryBandwidth);
        }
    }

    private static void WriteModels(ref MessagePackWriter writer, IReadOnlyList<ModelFacts> models)
    {
        writer.WriteArrayHeader(models.Count);
        foreach (var model in models)
        {
            writer.WriteArrayHeader(model.Numerics.Length > 0 ? ModelElementsWithNumerics : ModelElements);
            writer.Write(model.Id);
            writer.Write(Convert.FromHexString(model.Hash));
            writer.Write(model.Bytes);
            if (model.Numerics.Length > 0)
            {
                writer.Write(model.Numerics);
            }
        }
    }

    private static void WriteLoad(ref MessagePackWriter writer, NodeLoad load)
    {
        writer.WriteArrayHeader(load.TokensPerSecond > 0 ? LoadElementsWithSpeed : LoadElements);
        writer.Write(load.InFlight);
        writer.Write(load.Queued);
        if (load.TokensPerSecond > 0)
        {
            writer.Write(load.TokensPerSecond);
        }
    }

    private static void WriteLayers(ref MessagePackWriter writer, IReadOnlyList<HeldLayers> ranges)
    {
        writer.WriteArrayHeader(ranges.Count);
        foreach (var range in ranges)
        {
            writer.WriteArrayHeader(LayersElements);
            writer.Write(Convert.FromHexString(range.ModelHash));
            writer.Write(range.First);
            writer.Write(range.End);
        }
    }

    private static string ReadRole(ref FrameDecoder decoder) => ReadText(ref decoder, "a role", RecordLimits.MaxWordBytes);

    private static ModelFacts ReadModel(ref FrameDecoder decoder)
    {
        var elements = RequireElements(ref decoder, "a model", ModelElements);
        var model = new ModelFacts(
            ReadText(ref decoder, "a model's id", RecordLimits.MaxModelIdBytes),
            ReadHash(ref decoder),
            ReadSize(ref decoder, "a model's size"));
        if (elements >= ModelElementsWithNumerics)
        {
            model = model with { Numerics = ReadText(ref decoder, "a model's numerics", RecordLimits.MaxWordBytes) };
        }

        SkipLater(ref decoder, elements - ModelElementsWithNumerics);
        return model;
    }

    private static HeldLayers ReadLayers(ref FrameDecoder decoder)
    {
        var elements = RequireElements(ref decoder, "a range of layers", LayersElements);
        var hash = ReadHash(ref decoder);
        var first = (int)ReadInRange(ref decoder, "a first layer", 0, RecordLimits.MaxLayers - 1);
        var end = (int)ReadInRange(ref decoder, "a last layer's end", first + 1, RecordLimits.MaxLayers);
        SkipLater(ref decoder, elements - LayersElements);
        return new(hash, first, end);
    }

    private static NodeLoad ReadLoad(ref FrameDecoder decoder)
    {
        var elements = RequireElements(ref decoder, "load", LoadElements);
        var load = new NodeLoad(ReadCount(ref decoder, "requests in flight"), ReadCount(ref decoder, "queued requests"));
        if (elements >= LoadElementsWithSpeed)
        {
            load = load with { TokensPerSecond = ReadCount(ref decoder, "tokens per second") };
        }

        SkipLater(ref decoder, elements - LoadElementsWithSpeed);
        return load;
    }

    private static Multiaddress? ReadAddress(ref FrameDecoder decoder) =>
        Multiaddress.TryFromBytes(ReadBinary(ref decoder, "an address", RecordLimits.MaxAddressBytes), out var address) ? address : null;

    private static long ReadSize(ref FrameDecoder decoder, string name) => ReadInRange(ref decoder, name, 0, long.MaxValue);

    private static string ReadHash(ref FrameDecoder decoder)
    {
        var hash = ReadBinary(ref decoder, "a hash", HashBytes);
        return hash.Length is 0 or HashBytes
            ? Convert.ToHexStringLower(hash)
            : throw RecordErrors.Invalid($"a hash has {hash.Length} bytes; allowed are 0 and {HashBytes}");
    }
}
