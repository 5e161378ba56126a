using System.Text;
using System.Text.Json.Nodes;
using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Templates;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Templates;

/// <summary>Broken templates: whatever is wrong with one, all that comes out is text or an <see cref="EngineException"/>.</summary>
public class TemplateFuzzTests
{
    private static readonly TemplateLimits Limits = new() { MaxSteps = 20_000, MaxOutput = 100_000, MaxText = 1_000_000, MaxDepth = 200 };

    private static readonly string[] Fragments =
    [
        "{{", "}}", "{%", "%}", "{#", "#}", "-", "+", "(", ")", "[", "]", "{", "}", "'", "\"", "\\", "|", ".", ",", ":", "=", "==", "~", "**", "//", "%",
        "not ", " is ", " in ", " if ", " else ", "{% if x %}", "{% endif %}", "{% for a in b %}", "{% endfor %}", "{% set x = 1 %}", "{% raw %}",
        "{% break %}", "0", "1", "-1", "99999999999999999999", "1e309", "0x", "none", "true", "loop", "messages", "[::-1]", "[0]", ".items()", ".split()",
        "|tojson", "|map('upper')", "|list", "|sort", "|join(',')", "|int", "|round(-400)", "*messages", "**messages", "%s", "\uD83D", "\u0000", "\n",
        "{:{}}", ".format(1)", "loop(messages)", "namespace()", "range(9)", "caller()", "strftime_now('%d%')", "|batch(-1)", "|slice(-1)", "'%(a' % x",
    ];

    public static TheoryData<string> Templates => SharedData.Root is null ? [""] : [.. SharedData.Names("chat/llamacpp_templates", "*.jinja")];

    [Theory]
    [MemberData(nameof(Templates))]
    public void Mutated_templates_end_in_text_or_in_an_error(string name)
    {
        var source = File.ReadAllText(SharedData.Require($"chat/llamacpp_templates/{name}.jinja"));
        var contexts = SharedData.Names("chat/contexts", "*.json").Select(context => File.ReadAllText(SharedData.Require($"chat/contexts/{context}.json"))).ToArray();
        var random = new Random(name.Length * 7919);
        var rendered = 0;
        for (var i = 0; i < 300; i++)
        {
            rendered += Attempt(Mutate(source, random), contexts[i % contexts.Length]) ? 1 : 0;
        }

        // Most mutations break the syntax; if all did, nothing of the evaluator would be tested.
        Assert.True(rendered > 0 || !contexts.Any(context => Attempt(source, context)), "every mutation is an error");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Random_fragments_end_in_text_or_in_an_error(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 5000; i++)
        {
            var body = string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => Fragments[random.Next(Fragments.Length)]));
            Attempt(random.Next(2) == 0 ? $"{{{{ {body} }}}}" : body, """{"messages": [{"role": "user", "content": "hi"}], "x": 1.5, "b": "a😀"}""");
        }
    }

    private static bool Attempt(string template, string context)
    {
        try
        {
            ChatTemplate.Parse(template).Render(JsonNode.Parse(context)!.AsObject(), Limits);
            return true;
        }
        catch (EngineException error)
        {
            Assert.Equal("chat_template", error.Code);
            return false;
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"{error.GetType().Name} from: {template}", error);
        }
    }

    private static string Mutate(string source, Random random)
    {
        var text = new StringBuilder(source);
        for (var count = random.Next(1, 4); count > 0; count--)
        {
            var at = random.Next(text.Length);
            var length = Math.Min(random.Next(1, 20), text.Length - at);
            switch (random.Next(5))
            {
                case 0:
                    text.Remove(at, length);
                    break;
                case 1:
                    text.Insert(at, Fragments[random.Next(Fragments.Length)]);
                    break;
                case 2:
                    text.Insert(at, text.ToString(random.Next(text.Length - length), length));
                    break;
                case 3:
                    text[at] = (char)random.Next(0x20, 0x7F);
                    break;
                default:
                    text.Length = Math.Max(1, at);
                    break;
            }
        }

        return text.ToString();
    }
}
