using System.Text.Json.Nodes;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Templates;

/// <summary>
/// Some 1,500 small templates, by topic, in <c>jinja-cases.json</c>: each with what jinja2 3.1.6 (Python 3.11, ImmutableSandboxedEnvironment with
/// trim_blocks, lstrip_blocks, loopcontrols, and tojson, raise_exception and strftime_now as transformers defines them) rendered, or the error
/// that it raised. Of an error only its being one is compared.
/// </summary>
public class JinjaCaseTests
{
    private static readonly JsonObject Cases = JsonNode.Parse(File.ReadAllText(Repository.File("Tests/Engine/Templates/jinja-cases.json")))!.AsObject();

    public static TheoryData<string> Groups => [.. Cases["groups"]!.AsObject().Select(group => group.Key)];

    [Theory]
    [MemberData(nameof(Groups))]
    public void Renders_as_jinja2_does(string group)
    {
        var context = Cases["context"]!.ToJsonString();
        var differences = new List<string>();
        foreach (var item in Cases["groups"]![group]!.AsArray())
        {
            var template = (string)item!["template"]!;
            var rendered = Rendering.TryRender(template, JsonNode.Parse(context)!.AsObject());
            if (rendered != (string?)item["expected"])
            {
                differences.Add($"{template}\n  expected: {item["expected"] ?? item["error"]}\n  rendered: {rendered ?? "an error"}");
            }
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }
}
