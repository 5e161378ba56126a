using System.Text;
using System.Text.Json;
using ManagedSwarm.Server.Federation;
using ManagedSwarm.Server.OpenAi;

namespace ManagedSwarm.Tests.Server.Federation;

public sealed class ResumePointTests
{
    [Theory]
    [InlineData("""{"model":"m","prompt":"a"}""")]
    [InlineData(""" { "model": "m", "messages": [{"content": "}{"}]} """)]
    public void Is_read_as_it_was_added_beside_all_else(string body)
    {
        var point = new ResumePoint("cmpl-1 2 \"x\"", [0, 17, int.MaxValue], 5);

        using var document = JsonDocument.Parse(point.AddTo(Encoding.UTF8.GetBytes(body)));
        var found = ResumePoint.Read(new JsonParameters(document.RootElement, ""));

        Assert.Equal((point.Identity, point.TextLength), (found!.Identity, found.TextLength));
        Assert.Equal(point.Tokens, found.Tokens);
        using var before = JsonDocument.Parse(body);
        Assert.Equal(
            before.RootElement.EnumerateObject().Select(member => (member.Name, member.Value.GetRawText())),
            document.RootElement.EnumerateObject().Skip(1).Select(member => (member.Name, member.Value.GetRawText())));
    }

    [Fact]
    public void A_request_may_have_none() => Assert.Null(Read("""{"model":"m"}"""));

    [Theory]
    [InlineData("1")]
    [InlineData("""{"identity":"a","text_length":0}""")]
    [InlineData("""{"identity":"a","tokens":[]}""")]
    [InlineData("""{"text_length":0,"tokens":[]}""")]
    [InlineData("""{"identity":"a","text_length":-1,"tokens":[]}""")]
    [InlineData("""{"identity":"a","text_length":0,"tokens":[-1]}""")]
    [InlineData("""{"identity":"a","text_length":0,"tokens":[1.5]}""")]
    [InlineData("""{"identity":"a","text_length":0,"tokens":["1"]}""")]
    [InlineData("""{"identity":"a","text_length":0,"tokens":[4294967296]}""")]
    [InlineData("""{"identity":"a","text_length":0,"tokens":[],"more":1}""")]
    public void Is_refused_where_it_is_not_as_it_should_be(string point) =>
        Assert.Equal(400, Assert.Throws<ApiException>(() => Read($$"""{"{{ResumePoint.Member}}":{{point}}}""")).Error.Status);

    private static ResumePoint? Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return ResumePoint.Read(new JsonParameters(document.RootElement, ""));
    }
}
