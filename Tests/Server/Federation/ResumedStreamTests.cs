using System.Text;
using System.Text.Json.Nodes;
using ManagedSwarm.Engine;
using ManagedSwarm.Server.Federation;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Tests.Server.Federation;

/// <summary>Streams whose instance is lost in their middle.</summary>
[Trait("Tier", "Loopback")]
public sealed class ResumedStreamTests
{
    private readonly SwarmToken _token = SwarmToken.Generate();

    private static JsonObject Stream => new() { ["model"] = FakeModel.DefaultId, ["prompt"] = "a", ["stream"] = true, ["temperature"] = 0 };

    [Fact]
    public async Task Another_instance_goes_on_with_a_stream_that_broke_off()
    {
        await using var one = await FederatedNode.StartInstanceAsync(_token, "one");
        await using var two = await FederatedNode.StartInstanceAsync(_token, "two", one);
        await using var router = await FederatedNode.StartRouterAsync(two, 2);
        var whole = (await StreamedReply.EventsAsync(router, Stream)).Select(StreamedReply.WithoutIdentity).ToList();
        one.Generator.Requests.Clear();
        two.Generator.Requests.Clear();
        one.Generator.Script = two.Generator.Script = BrokenStream.At(3, _ => throw new EngineException("shutting_down", "broke off"));

        var events = await StreamedReply.EventsAsync(router, Stream);

        Assert.Equal(whole, events.Select(StreamedReply.WithoutIdentity));
        Assert.Single(events.SkipLast(1).Select(line => (string)JsonNode.Parse(line["data: ".Length..])!["id"]!).Distinct());
        var begun = Assert.Single(one.Generator.Requests.Concat(two.Generator.Requests), request => request.Begun is not null).Begun!;
        Assert.Equal(Encoding.UTF8.GetBytes(ScriptedGenerator.Text)[..3].Select(value => (int)value), begun.Tokens);
        Assert.Equal(2, begun.TextLength);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_node_that_routes_goes_on_with_others_streams_and_others_with_its_own(bool isOwn)
    {
        var router = new RouterOptions { SlowStart = FederatedNode.NoSlowStart };
        await using var routing = await FederatedNode.StartInstanceAsync(_token, "one", configure: options => options with { Router = router });
        await using var other = await FederatedNode.StartInstanceAsync(_token, "two", routing);
        await routing.SeesAsync(1);
        var (begins, goesOn) = isOwn ? (routing, other) : (other, routing);
        List<string> whole;
        do
        {
            // They have their turns: behind the one, it is the other's.
            goesOn.Generator.Requests.Clear();
            whole = [.. (await StreamedReply.EventsAsync(routing, Stream)).Select(StreamedReply.WithoutIdentity)];
        }
        while (goesOn.Generator.Requests.IsEmpty);
        begins.Generator.Requests.Clear();
        goesOn.Generator.Requests.Clear();
        begins.Generator.Script = goesOn.Generator.Script = BrokenStream.At(3, _ => throw new EngineException("shutting_down", "broke off"));

        var events = await StreamedReply.EventsAsync(routing, Stream);

        Assert.Equal(whole, events.Select(StreamedReply.WithoutIdentity));
        Assert.Single(events.SkipLast(1).Select(line => (string)JsonNode.Parse(line["data: ".Length..])!["id"]!).Distinct());
        Assert.Single(begins.Generator.Requests);
        Assert.Single(goesOn.Generator.Requests, request => request.Begun is not null);
    }

    [Fact]
    public async Task A_stream_that_nobody_can_go_on_with_ends_with_an_error()
    {
        await using var one = await FederatedNode.StartInstanceAsync(_token, "one");
        await using var two = await FederatedNode.StartInstanceAsync(_token, "two", one);
        await using var router = await FederatedNode.StartRouterAsync(two, 2);
        one.Generator.Script = two.Generator.Script = BrokenStream.At(3, _ => throw new EngineException("shutting_down", "broke off"));
        var request = Stream;
        request.Remove("temperature");

        var events = await StreamedReply.EventsAsync(router, request);

        Assert.DoesNotContain("data: [DONE]", events);
        Assert.StartsWith("event: error\ndata: {\"error\":", events[^1], StringComparison.Ordinal);
        Assert.Equal(1, one.Generator.Requests.Count + two.Generator.Requests.Count);
    }
}
