using ManagedSwarm.Server.P2pApi;
using ManagedSwarm.Server.Pages.Models;

namespace ManagedSwarm.Tests.Server.Pages.Models;

public sealed class ModelsViewTests
{
    private static readonly ModelBody Big = new("big", "aa11", 4000);

    [Fact]
    public void A_model_is_one_wherever_it_is_served()
    {
        var models = ModelsView.Of(Swarm([Member("a", [Big], isSelf: true), Member("b", [Big]), Member("c", [Big], state: "lost")]));

        var model = Assert.Single(models);
        Assert.Equal(("big", "aa11", 4000L), (model.Id, model.Hash, model.Bytes));
        Assert.Equal(["a", "b"], model.Serving.Select(place => place.Name));
        Assert.Empty(model.Parts);
    }

    [Fact]
    public void Parts_of_another_heads_model_come_from_its_workers_records()
    {
        var models = ModelsView.Of(Swarm([
            Member("a", [], isSelf: true), Member("b", [Big]), Member("c", [], [new("aa11", 2, 4)]), Member("d", [], [new("aa11", 0, 2), new("bb22", 5, 6)])]));

        Assert.Equal(["big", null], models.Select(model => model.Id));
        Assert.Equal(["d 0..1", "c 2..3"], models[0].Parts.Select(part => $"{part.Name} {part.Layers}"));
        Assert.Equal(4, models[0].End);
        Assert.Equal(("bb22", null, "d 5..5"), (models[1].Hash, models[1].Bytes, $"{models[1].Parts[0].Name} {models[1].Parts[0].Layers}"));
    }

    [Fact]
    public void Parts_of_this_nodes_model_are_as_its_plan_says_with_its_own()
    {
        var split = new SplitBody("f32", [new("a", "a", 0, 1, null), new("b", "b", 1, 4, null), new("x", "gone", 4, 5, null)], 0, null, null, null);
        var models = ModelsView.Of(Swarm([Member("a", [Big], isSelf: true), Member("b", [], [new("aa11", 1, 4)])], split));

        Assert.Equal(["a 0..0 alive", "b 1..3 alive", "gone 4..4 lost"], Assert.Single(models).Parts.Select(part => $"{part.Name} {part.Layers} {part.State}"));
    }

    [Fact]
    public void Models_whose_hash_is_not_computed_are_told_apart_by_id()
    {
        var models = ModelsView.Of(Swarm([Member("a", [new("one", "", 0)], isSelf: true), Member("b", [new("two", "", 0)])]));

        Assert.Equal(["one", "two"], models.Select(model => model.Id));
        Assert.All(models, model => Assert.Null(model.Bytes));
    }

    [Theory]
    [InlineData(false, 4, 4 + 100 + 20 + 3 + 1000, 4 * 8)]
    [InlineData(true, 2, 4 + 100 + 1000, 2 * 8)]
    public async Task Memory_is_that_of_the_layers_that_are_here(bool isSplit, int layers, long weights, long kv)
    {
        await using var model = new MeasuredModel();
        var split = new SplitBody("f32", [new("me", "me", 0, 2, null), new("b", "b", 2, 4, null)], 0, null, null, null);

        var own = ModelsView.Of(model, isSplit ? split : null, "me");

        Assert.Equal((4, layers, weights, kv), (own.Layers, own.OwnLayers, own.WeightBytes, own.KvBytes));
    }

    [Fact]
    public async Task What_is_not_known_is_null()
    {
        await using var model = new FakeModel(new ScriptedGenerator { Load = new(2, 3) });

        Assert.Equal(new OwnModel(FakeModel.DefaultId, FakeModel.Context, null, null, null, null, 2, 3), ModelsView.Of(model, null, null));
    }

    private static SwarmBody Swarm(IReadOnlyList<MemberBody> members, SplitBody? split = null) => new(true, "net", null, "a", [], members, split);

    private static MemberBody Member(
        string name, IReadOnlyList<ModelBody> models, IReadOnlyList<LayersBody>? layers = null, bool isSelf = false, string state = "alive") => new(
        name, name, state, isSelf, true, null, null, 0, DateTime.UnixEpoch, 1, "0.1.0", [], "cpu", 1, 1, 1, models, layers ?? [], new(0, 0), []);
}
