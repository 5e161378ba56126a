using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Stages;
using ManagedSwarm.Transport.Stages.Control;

namespace ManagedSwarm.Tests.Transport.Stages;

/// <summary>Offers and what workers say to them.</summary>
internal static class SampleOffers
{
    public static readonly string Hash = new('a', OfferRules.HashLength);

    public static PeerId Peer(byte number) => PeerId.FromPublicKeyMessage([0x08, 0x01, 0x12, 0x20, .. Enumerable.Repeat(number, 32)]);

    public static StageOffer Create(int stage = 1, int stages = 3) => new()
    {
        Plan = new PlanId(UInt128.MaxValue / 7),
        ModelName = "größe-1b",
        ModelHash = Hash,
        Layers = new LayerRange(stage * 2, 2),
        LayerCount = stages * 2,
        HiddenSize = 64,
        Manifest = new byte[] { 1, 2, 3 },
        KvCache = new KvCacheOptions { Type = KvType.Q8_0, BlockLength = 16, CapacityTokens = 8_192 },
        Wire = WireType.F16,
        LoggedTokens = 4_096,
        Sources = [new StagePeer(Peer(4), []), new StagePeer(Peer(5), [Multiaddress.Parse("/ip6/::1/tcp/9")])],
    };

    /// <summary>A place in a chain, the middle one.</summary>
    public static StageLinks Links(int epoch = 5) => new(
        epoch,
        1,
        3,
        Peer(1),
        new StagePeer(Peer(3), [Multiaddress.Parse("/ip4/127.0.0.1/tcp/4001"), Multiaddress.Parse("/dns/ada.example/tcp/4001")]),
        IsFresh: true,
        ReplaysNext: false,
        Answered: 1L << 40);

    public static ControlMessage.Ready Ready { get; } = new(new NumericIdentity(1, "cpu-x64", "f16", "f32"), 1L << 33, TimeSpan.FromMicroseconds(812));

    /// <summary>Of a stage whose keys and values can be moved.</summary>
    public static ControlMessage.Ready Movable { get; } = Ready with { IsMovable = true };
}
