using System.Text.Json;
using System.Text.Json.Nodes;
using ManagedSwarm.Engine.Templates;

namespace ManagedSwarm.Tests.Engine.Templates;

/// <summary>How a request's JSON becomes a template's values.</summary>
public class JsonContextTests
{
    [Theory]
    [InlineData("1", "1")]
    [InlineData("-0", "0")]
    [InlineData("1.0", "1.0")]
    [InlineData("1e3", "1000.0")]
    [InlineData("12345678901234567890123", "12345678901234567890123")]
    [InlineData("0.1", "0.1")]
    [InlineData("null", "None")]
    [InlineData("true", "True")]
    [InlineData("[1, \"a\", {\"b\": null}]", "[1, 'a', {'b': None}]")]
    [InlineData("\"\\ud83d\\ude00\"", "😀")]
    public void Reads_JSON_as_Python_does(string json, string expected) => Assert.Equal(expected, Rendering.Render("{{ x }}", $$"""{"x": {{json}}}"""));

    [Fact]
    public void Takes_values_that_were_made_in_memory()
    {
        var context = new JsonObject { ["i"] = 3, ["l"] = 4L, ["d"] = 1.0, ["f"] = 2.5f, ["m"] = 1.5m, ["b"] = true, ["s"] = "x", ["n"] = null };
        Assert.Equal("[3, 4, 1.0, 2.5, 1.5, True, 'x', None]", ChatTemplate.Parse("{{ [i, l, d, f, m, b, s, n] }}").Render(context));
    }

    [Fact]
    public void Rejects_a_name_that_is_there_twice() =>
        Assert.Contains("not valid JSON", Rendering.Fail("{{ x }}", """{"x": {"a": 1, "a": 2}}"""), StringComparison.Ordinal);

    [Fact]
    public void Rejects_half_a_surrogate_pair() =>
        Assert.Contains("not valid JSON", Rendering.Fail("{{ x }}", """{"x": "\ud83d"}"""), StringComparison.Ordinal);

    [Fact]
    public void Rejects_a_number_without_end()
    {
        var digits = new string('9', 5000);
        Assert.Contains("more than 4300 digits", Rendering.Fail("{{ x }}", $$"""{"x": {{digits}}}"""), StringComparison.Ordinal);
    }

    [Fact]
    public void Rejects_nesting_beyond_the_stack()
    {
        JsonNode nested = new JsonArray();
        for (var i = 0; i < 200_000; i++)
        {
            nested = new JsonArray(nested);
        }

        var context = new JsonObject { ["x"] = nested };
        Assert.Contains("nested too deeply", Rendering.Fail(() => ChatTemplate.Parse("{{ x }}").Render(context)), StringComparison.Ordinal);
    }

    [Fact]
    public void Does_not_change_the_context()
    {
        var context = JsonNode.Parse("""{"x": [1]}""")!.AsObject();
        ChatTemplate.Parse("{% set x = x + [2] %}{{ x }}").Render(context);
        Assert.Equal("""{"x":[1]}""", context.ToJsonString(JsonSerializerOptions.Default));
    }
}
