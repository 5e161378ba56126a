using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Tests.Transport.Stages;

public sealed class OfferRulesTests
{
    private static readonly StageOffer Good = SampleOffers.Create();

    public static TheoryData<string> Absurd => [.. Offers.Keys];

    private static StagePeer Far => new(SampleOffers.Peer(9), [.. Enumerable.Repeat(Multiaddress.Parse("/ip4/1.2.3.4/tcp/1"), 17)]);

    private static Dictionary<string, StageOffer> Offers { get; } = new()
    {
        ["name with escape"] = Good with { ModelName = "a\u001b" },
        ["long name"] = Good with { ModelName = new string('x', 257) },
        ["short hash"] = Good with { ModelHash = "abc" },
        ["hash of other digits"] = Good with { ModelHash = new string('A', 64) },
        ["no layers"] = Good with { LayerCount = 0 },
        ["too many layers"] = Good with { LayerCount = int.MaxValue },
        ["layers outside"] = Good with { Layers = new LayerRange(5, 2) },
        ["layers that overflow"] = Good with { Layers = new LayerRange(int.MaxValue, int.MaxValue) },
        ["negative layers"] = Good with { Layers = new LayerRange(-1, 2) },
        ["empty range"] = Good with { Layers = new LayerRange(1, 0) },
        ["hidden size"] = Good with { HiddenSize = 0 },
        ["large hidden size"] = Good with { HiddenSize = int.MaxValue },
        ["KV type"] = Good with { KvCache = Good.KvCache with { Type = (KvType)9 } },
        ["KV block"] = Good with { KvCache = Good.KvCache with { BlockLength = 0 } },
        ["large KV block"] = Good with { KvCache = Good.KvCache with { BlockLength = int.MaxValue } },
        ["KV capacity"] = Good with { KvCache = Good.KvCache with { CapacityTokens = int.MaxValue } },
        ["negative KV capacity"] = Good with { KvCache = Good.KvCache with { CapacityTokens = -1 } },
        ["kernels"] = Good with { Kernels = (KernelKind)7 },
        ["wire type"] = Good with { Wire = (WireType)3 },
        ["steps"] = Good with { QueuedSteps = 0 },
        ["many steps"] = Good with { QueuedSteps = 1_000 },
        ["no tokens"] = Good with { TokensPerStep = 0 },
        ["many tokens"] = Good with { TokensPerStep = int.MaxValue },
        ["tokens that no frame holds"] = Good with { HiddenSize = 1 << 20, TokensPerStep = 17 },
        ["manifest"] = Good with { Manifest = new byte[OfferRules.MaxManifestBytes + 1] },
        ["logged tokens"] = Good with { LoggedTokens = int.MaxValue },
        ["sources"] = Good with { Sources = [.. Enumerable.Repeat(Good.Sources[0], 65)] },
        ["addresses"] = Good with { Sources = [Far] },
    };

    [Fact]
    public void Takes_what_a_head_may_ask_for()
    {
        OfferRules.Check(Good);
        OfferRules.Check(Good with { HiddenSize = 8_192, TokensPerStep = 2_048, KvCache = Good.KvCache with { CapacityTokens = 1 << 28 } });
    }

    [Theory]
    [MemberData(nameof(Absurd))]
    public void Refuses_what_is_absurd(string what) =>
        Assert.Equal("invalid_offer", Assert.Throws<SwarmException>(() => OfferRules.Check(Offers[what])).Code);

    [Fact]
    public void Refuses_a_place_that_cannot_be()
    {
        var good = SampleOffers.Links();
        OfferRules.Check(good);
        StageLinks[] bad =
        [
            good with { Epoch = -1 },
            good with { StageCount = 0 },
            good with { StageCount = 65 },
            good with { Stage = -1 },
            good with { Stage = 3 },
            good with { Next = Far },
        ];
        Assert.All(bad, links => Assert.Equal("invalid_offer", Assert.Throws<SwarmException>(() => OfferRules.Check(links)).Code));
    }

    [Fact]
    public void Both_ends_of_a_chain_are_its_head()
    {
        var (head, other) = (SampleOffers.Peer(1), SampleOffers.Peer(2));
        OfferRules.RequireOwnEnds(0, 1, head, head, head);
        OfferRules.RequireOwnEnds(1, 3, other, other, head);
        Assert.Equal("invalid_offer", Assert.Throws<SwarmException>(() => OfferRules.RequireOwnEnds(0, 2, other, other, head)).Code);
        Assert.Equal("invalid_offer", Assert.Throws<SwarmException>(() => OfferRules.RequireOwnEnds(1, 2, other, other, head)).Code);
    }
}
