using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Membership;

/// <summary>
/// Cuts what a node has to say to what a record may hold, so that a node with too many models is a member with some of them rather than
/// none. Names are cut; what would be wrong when cut (roles, ids, addresses) is left out whole.
/// </summary>
internal static class FittingFacts
{
    /// <param name="facts">Any; hashes are of 64 hex digits or empty.</param>
    /// <param name="owner">Whose they are: addresses of others are left out.</param>
    public static NodeFacts Of(NodeFacts facts, PeerId owner) => facts with
    {
        Name = ShownText.Fit(facts.Name, RecordLimits.MaxNameBytes),
        Version = ShownText.Fit(facts.Version, RecordLimits.MaxWordBytes),
        Roles = [.. facts.Roles.Where(role => ShownText.Fits(role, RecordLimits.MaxWordBytes)).Take(RecordLimits.MaxRoles)],
        Device = ShownText.Fit(facts.Device, RecordLimits.MaxWordBytes),
        Cores = Math.Max(0, facts.Cores),
        TotalMemory = Math.Max(0, facts.TotalMemory),
        FreeMemory = Math.Max(0, facts.FreeMemory),
        MemoryBandwidth = Math.Max(0, facts.MemoryBandwidth),
        Models = [.. facts.Models.Where(IsFitting).Take(RecordLimits.MaxModels)],
        Layers = [.. facts.Layers.Where(IsFitting).Take(RecordLimits.MaxLayerRanges)],
        Load = new(Math.Max(0, facts.Load.InFlight), Math.Max(0, facts.Load.Queued)) { TokensPerSecond = Math.Max(0, facts.Load.TokensPerSecond) },
        Addresses = [.. facts.Addresses.Where(address => IsFitting(address, owner)).Distinct().Take(RecordLimits.MaxAddresses)],
    };

    /// <summary>One thing less: the last model; where there is none, the last layers, then the last address.</summary>
    /// <returns>Null: there is nothing that could be left out.</returns>
    public static NodeFacts? WithLess(NodeFacts facts) => facts switch
    {
        { Models.Count: > 0 } => facts with { Models = [.. facts.Models.SkipLast(1)] },
        { Layers.Count: > 0 } => facts with { Layers = [.. facts.Layers.SkipLast(1)] },
        { Addresses.Count: > 0 } => facts with { Addresses = [.. facts.Addresses.SkipLast(1)] },
        _ => null,
    };

    private static bool IsFitting(ModelFacts model) => ShownText.Fits(model.Id, RecordLimits.MaxModelIdBytes)
        && ShownText.Fits(model.Numerics, RecordLimits.MaxWordBytes)
        && model.Bytes >= 0;

    private static bool IsFitting(HeldLayers range) => range.First >= 0 && range.First < range.End && range.End <= RecordLimits.MaxLayers;

    private static bool IsFitting(Multiaddress address, PeerId owner) =>
        address.Bytes.Length <= RecordLimits.MaxAddressBytes && (address.PeerId is not { } named || named == owner);
}
