using System.Text.Json.Nodes;
using ManagedSwarm.Engine.Templates;
using ManagedSwarm.Engine.Templates.Builtins;
using ManagedSwarm.Engine.Templates.Runtime;
using ManagedSwarm.Engine.Templates.Values;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Templates;

/// <summary>The language cases of huggingface.js, judged by what Python's jinja2 makes of them, where JavaScript's differs.</summary>
public class LanguageCaseTests
{
    private const string File = "chat/hfjs_templates.json";

    /// <summary>The cases that call functions of the context have no answer of jinja2; these are theirs, with Python's booleans.</summary>
    private static readonly Dictionary<string, string> WithFunctions = new()
    {
        ["NUMBERS"] = "|5|-5|2|-8|",
        ["FUNCTIONS"] = "014",
        ["OBJ_METHODS"] = "AB  A_B",
        ["IS_OPERATOR_4"] = "|True|False|False|True|",
    };

    public static TheoryData<string> Names => SharedData.Root is null ? [""] : [.. Cases().Select(item => (string)item["name"]!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Renders_as_jinja2_does(string name)
    {
        SharedData.Require(File);
        var item = Cases().Single(item => (string)item["name"]! == name);
        var template = (string)item["template"]!;
        var context = item["context"]!.AsObject();
        if ((bool)item["has_function"]!)
        {
            var rendered = ChatTemplate.Parse(template).Render(context, TemplateLimits.Default, addVariables: AddFunctions);
            Assert.Equal(WithFunctions[name], rendered);
        }
        else if (item["expected_jinja2"] is JsonNode expected)
        {
            Assert.Equal((string)expected!, Rendering.Render(template, context.ToJsonString()));
        }
        else
        {
            Assert.NotNull(item["jinja2_error"]);
            Rendering.Fail(template, context.ToJsonString());
        }
    }

    private static IEnumerable<JsonObject> Cases() =>
        JsonNode.Parse(System.IO.File.ReadAllText(SharedData.Require(File)))!.AsArray().Select(item => item!.AsObject());

    private static void AddFunctions(Scope scope)
    {
        var count = Function("count", call => Call.Number(call.Rest.Positional.Count));
        scope.Set("add", Function("add", call => call.Rest.Positional.Aggregate((a, b) => Arithmetic.Add(a, b, call.State))));
        scope.Set("func", count);
        var methods = new DictValue(scope.State);
        methods.Set(new StringValue("A"), Joined("_"));
        var obj = new DictValue(scope.State);
        obj.Set(new StringValue("x"), Joined(""));
        obj.Set(new StringValue("z"), methods);
        scope.Set("obj", obj);
    }

    private static FunctionValue Joined(string separator) => Function("join", call =>
        new StringValue(string.Join(separator, call.Rest.Positional.Select(value => value.ToText(call.State)))));

    private static FunctionValue Function(string name, Func<Call, Value> body) => new(new Builtin(name, "*", body));
}
