using System.Text.Json.Nodes;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Templates;

/// <summary>Real models' templates against Python's jinja2, byte for byte. A golden that ends in <c>.err</c> means an error.</summary>
public class LlamaCppGoldenTests
{
    private const string Folder = "chat/llamacpp_goldens";

    public static TheoryData<string> Goldens => SharedData.Root is null
        ? [""]
        : [.. SharedData.Names(Folder, "*.txt").Select(name => name + ".txt"), .. SharedData.Names(Folder, "*.err").Select(name => name + ".err")];

    [Theory]
    [MemberData(nameof(Goldens))]
    public void Renders_as_jinja2_does(string golden)
    {
        var expected = File.ReadAllText(SharedData.Require($"{Folder}/{golden}"));
        var cut = golden.LastIndexOf('-');
        var template = File.ReadAllText(SharedData.Require($"chat/llamacpp_templates/{golden[..cut]}.jinja"));
        var context = JsonNode.Parse(File.ReadAllText(SharedData.Require($"chat/contexts/{golden[(cut + 1)..^4]}.json")))!.AsObject();
        if (golden.EndsWith(".err", StringComparison.Ordinal))
        {
            Rendering.Fail(template, context.ToJsonString());
        }
        else
        {
            Assert.Equal(expected, Rendering.Render(template, context.ToJsonString()));
        }
    }

    [Fact]
    public void There_are_all_goldens()
    {
        SharedData.Require(Folder);
        Assert.Equal(68, Goldens.Count);
    }
}
