using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Transport.Stages;

/// <summary>What may stand in an offer. Any member may make one: nothing of it is believed, and nothing allocated, before it is looked at.</summary>
internal static class OfferRules
{
    public const int MaxNameBytes = 256;
    public const int HashLength = 64;
    public const int MaxLayers = 4096;
    public const int MaxHiddenSize = 1 << 20;
    public const int MaxManifestBytes = 8 << 20;
    public const int MaxBlockLength = 4096;
    public const int MaxCapacityTokens = 1 << 28;
    public const int MaxTokensPerStep = 1 << 16;
    public const int MaxQueuedSteps = HopTime.MaxHops + 3;
    public const int MaxAddresses = 16;

    /// <exception cref="SwarmException"><c>invalid_offer</c></exception>
    public static void Check(StageOffer offer)
    {
        Require(ShownText.Fits(offer.ModelName, MaxNameBytes), "model's name", ShownText.Fit(offer.ModelName, MaxNameBytes), "printable text");
        Require(IsHash(offer.ModelHash), "model's hash", ShownText.Fit(offer.ModelHash, HashLength), $"{HashLength} hex digits");
        CheckShape(offer);
        Require(offer.LoggedTokens is >= 0 and <= MaxCapacityTokens, "number of logged tokens", offer.LoggedTokens, $"0 to {MaxCapacityTokens}");
        Require(offer.Manifest.Length <= MaxManifestBytes, "manifest", $"{offer.Manifest.Length} bytes", $"{MaxManifestBytes}");
        CheckPeers(offer);
    }

    /// <exception cref="SwarmException"><c>invalid_offer</c></exception>
    public static void Check(StageLinks links)
    {
        Require(links.Epoch >= 0, "epoch", links.Epoch, "0 or more");
        Require(links.StageCount is >= 1 and <= HopTime.MaxHops, "number of stages", links.StageCount, $"1 to {HopTime.MaxHops}");
        Require(links.Stage >= 0 && links.Stage < links.StageCount, "stage", links.Stage, $"0 to {links.StageCount - 1}");
        Require(links.Takes.Count <= StageLinks.MaxTakes, "number of takes", links.Takes.Count, $"{StageLinks.MaxTakes}");
        foreach (var layers in links.Takes.Select(take => take.Layers).Append(links.Kept ?? new LayerRange(0, 1)))
        {
            Require(
                layers.First >= 0 && layers.Count >= 1 && layers.Count <= MaxLayers - layers.First,
                "range of layers",
                $"{layers.Count} from {layers.First} on",
                $"some within 0..{MaxLayers - 1}");
        }

        Require(links.Next.Addresses.Count <= MaxAddresses, "number of addresses", links.Next.Addresses.Count, $"{MaxAddresses} of a peer");
    }

    /// <summary>Both ends of a chain are its head: nobody makes a worker send what it computes to a third one.</summary>
    /// <exception cref="SwarmException"><c>invalid_offer</c></exception>
    public static void RequireOwnEnds(int stage, int stageCount, PeerId previous, PeerId next, PeerId head)
    {
        if ((stage == 0 && previous != head) || (stage == stageCount - 1 && next != head))
        {
            throw new SwarmException("invalid_offer", "the offer's first or last stage has another peer at its end than its head");
        }
    }

    private static void CheckShape(StageOffer offer)
    {
        var (layers, cache) = (offer.Layers, offer.KvCache);
        Require(offer.LayerCount is >= 1 and <= MaxLayers, "number of layers", offer.LayerCount, $"1 to {MaxLayers}");
        Require(
            layers.First >= 0 && layers.Count >= 1 && layers.Count <= offer.LayerCount - layers.First,
            "range of layers",
            $"{layers.Count} from {layers.First} on",
            $"some within 0..{offer.LayerCount - 1}");
        Require(offer.HiddenSize is >= 1 and <= MaxHiddenSize, "hidden size", offer.HiddenSize, $"1 to {MaxHiddenSize}");
        Require(Enum.IsDefined(cache.Type), "KV type", (int)cache.Type, "one of those known");
        Require(cache.BlockLength is >= 1 and <= MaxBlockLength, "KV block length", cache.BlockLength, $"1 to {MaxBlockLength}");
        Require(cache.CapacityTokens is >= 1 and <= MaxCapacityTokens, "KV capacity", cache.CapacityTokens, $"1 to {MaxCapacityTokens}");
        Require(Enum.IsDefined(offer.Kernels), "kind of kernels", (int)offer.Kernels, "one of those known");
        Require(Enum.IsDefined(offer.Wire), "wire type", (int)offer.Wire, "one of those known");
        Require(offer.QueuedSteps is >= 1 and <= MaxQueuedSteps, "number of queued steps", offer.QueuedSteps, $"1 to {MaxQueuedSteps}");
        var most = Math.Min(MaxTokensPerStep, FrameLimits.Default.MaxBinaryBytes / HiddenStates.BytesPerToken(WireType.F32, offer.HiddenSize));
        Require(offer.TokensPerStep >= 1 && offer.TokensPerStep <= most, "number of tokens per step", offer.TokensPerStep, $"1 to {most}");
    }

    private static void CheckPeers(StageOffer offer)
    {
        Require(offer.Sources.Count <= StageOffer.MaxSources, "number of sources", offer.Sources.Count, $"{StageOffer.MaxSources}");
        foreach (var peer in offer.Sources)
        {
            Require(peer.Addresses.Count <= MaxAddresses, "number of addresses", peer.Addresses.Count, $"{MaxAddresses} of a peer");
        }
    }

    private static bool IsHash(string text) => text.Length == HashLength && text.All(char.IsAsciiHexDigitLower);

    private static void Require(bool holds, string name, object found, string allowed)
    {
        if (!holds)
        {
            throw new SwarmException("invalid_offer", $"the offer's {name} is {found}; allowed: {allowed}");
        }
    }
}
