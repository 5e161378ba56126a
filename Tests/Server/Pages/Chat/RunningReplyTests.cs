using ManagedSwarm.Server.Pages.Chat;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Server.Pages.Chat;

public sealed class RunningReplyTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Measures_the_first_token_and_the_rate_of_the_others_by_the_clock()
    {
        var reply = new RunningReply("tales", _time);
        _time.Advance(TimeSpan.FromMilliseconds(300));
        reply.Add(new(_time.GetTimestamp()));
        _time.Advance(TimeSpan.FromMilliseconds(200));
        reply.Add(new(_time.GetTimestamp(), "a"));
        _time.Advance(TimeSpan.FromSeconds(2));
        reply.Add(new(_time.GetTimestamp(), "b"));
        _time.Advance(TimeSpan.FromSeconds(5));
        reply.Add(new(_time.GetTimestamp(), Finish: "stop", Usage: new(12, 41), Nodes: [new("w0", "0..2"), new("w1", "3..5")]));

        var (turn, _) = reply.End();

        Assert.Equal("ab", turn.Text);
        Assert.Equal((12, 41, true), (turn.Facts!.PromptTokens, turn.Facts.Tokens, turn.Facts.IsCounted));
        Assert.Equal(0.5, turn.Facts.FirstTokenSeconds!.Value, 9);
        Assert.Equal(20, turn.Facts.TokensPerSecond!.Value, 9);
        Assert.Equal(["w0 0..2", "w1 3..5"], turn.Facts.Nodes.Select(node => $"{node.Name} {node.Layers}"));
    }

    [Fact]
    public void Says_nothing_of_what_it_has_not_seen()
    {
        var (turn, _) = new RunningReply("tales", _time).End(error: "no");

        Assert.Equal(new ReplyFacts("tales", ReplyEnd.Failed, null, null, false, null, null, [], "no"), turn.Facts! with { Nodes = [] });
    }

    [Fact]
    public void One_token_has_no_rate()
    {
        var reply = new RunningReply("tales", _time);
        reply.Add(new(_time.GetTimestamp(), "a", "length", new(3, 1)));

        Assert.Null(reply.End().Turn.Facts!.TokensPerSecond);
    }
}
