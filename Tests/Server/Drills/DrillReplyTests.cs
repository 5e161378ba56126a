using ManagedSwarm.Server.Drills;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Server.Drills;

public sealed class DrillReplyTests
{
    private const string Usage = """{"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}""";

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Is_the_same_where_all_of_it_is()
    {
        Assert.True(Reply(Chunk("a", "a", "-0.5"), Usage).IsSameAs(Reply(Chunk("a", "a", "-0.5"), Usage)));

        // How it was cut into events says nothing.
        Assert.True(Reply(Chunk("", "a", "-0.5"), Chunk("ab", "b", "-1")).IsSameAs(Reply(Chunk("a", "a", "-0.5"), Chunk("b", "b", "-1"))));
    }

    [Theory]
    [InlineData("b", "a", "-0.5", 2)]
    [InlineData("a", "b", "-0.5", 2)]
    [InlineData("a", "a", "-0.50000006", 2)]
    [InlineData("a", "a", "-0.5", 3)]
    public void Differs_by_text_token_probability_and_usage(string text, string token, string logProb, int completionTokens)
    {
        var other = Usage.Replace("\"completion_tokens\": 2", $"\"completion_tokens\": {completionTokens}", StringComparison.Ordinal);

        Assert.False(Reply(Chunk("a", "a", "-0.5"), Usage).IsSameAs(Reply(Chunk(text, token, logProb), other)));
    }

    [Fact]
    public void Is_like_no_other_where_it_failed()
    {
        var failed = Reply(Chunk("a", "a", "-0.5"), """{"error": {"message": "layers 2..3 are not back", "code": "stage_lost"}}""");

        Assert.Equal("layers 2..3 are not back", failed.Error);
        Assert.False(failed.IsSameAs(failed));
        Assert.False(Reply(Chunk("a", "a", "-0.5")).IsSameAs(failed));
    }

    [Fact]
    public void Tells_the_waits_for_tokens()
    {
        var reply = new DrillReply(_time.GetTimestamp());
        foreach (var milliseconds in new[] { 500, 10, 200, 20, 30 })
        {
            _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
            reply.Add(Chunk("a", "a", "-1"), _time.GetTimestamp());
        }

        Assert.Equal(500, reply.ToFirst(_time)!.Value.TotalMilliseconds);
        Assert.Equal(30, reply.MedianGap(_time)!.Value.TotalMilliseconds);
        Assert.Equal(500, reply.LongestGap(0, _time)!.Value.TotalMilliseconds);
        Assert.Equal(200, reply.LongestGap(1, _time)!.Value.TotalMilliseconds);
        Assert.Equal(30, reply.LongestGap(3, _time)!.Value.TotalMilliseconds);
        Assert.Null(reply.LongestGap(5, _time));
    }

    private static string Chunk(string text, string token, string logProb) =>
        $$$"""{"choices": [{"text": "{{{text}}}", "index": 0, "logprobs": {"tokens": ["{{{token}}}"], "token_logprobs": [{{{logProb}}}]}}]}""";

    private DrillReply Reply(params string[] events)
    {
        var reply = new DrillReply(_time.GetTimestamp());
        foreach (var json in events)
        {
            reply.Add(json, _time.GetTimestamp());
        }

        return reply;
    }
}
