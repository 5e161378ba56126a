using System.Text.Json.Nodes;
using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Templates;

namespace ManagedSwarm.Tests.Engine.Templates;

public class ChatTemplateTests
{
    [Fact]
    public void Keeps_its_source() => Assert.Equal("a{{ 1 }}\n", ChatTemplate.Parse("a{{ 1 }}\n").Source);

    [Fact]
    public void Default_writes_role_and_content_and_asks_for_an_answer()
    {
        var context = JsonNode.Parse("""
            {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": " Hi!\n"}], "add_generation_prompt": true}
            """)!.AsObject();

        Assert.Equal("System: Be brief.\nUser: Hi!\nAssistant:", ChatTemplate.Default.Render(context));
    }

    [Fact]
    public void Default_without_generation_prompt_ends_with_the_last_message()
    {
        var context = JsonNode.Parse("""{"messages": [{"role": "assistant", "content": null}, {"role": "user", "content": "x"}]}""")!.AsObject();

        Assert.Equal("Assistant: \nUser: x\n", ChatTemplate.Default.Render(context));
    }

    [Theory]
    [InlineData("a\n{{ 'x }}", 2, "the string does not end")]
    [InlineData("{% if x %}\n\n{% endfor %}", 3, "unknown tag 'endfor'; looking for elif or else or endif of 'if'")]
    [InlineData("{# a\n b", 1, "missing end of comment tag")]
    [InlineData("\n{% raw %}\n", 2, "missing end of raw directive")]
    [InlineData("x\n{% for a in b %}\n{{ a }}\n", 3, "unexpected end of template")]
    [InlineData("\n\n{{ 1 + }}", 3, "unexpected end of print statement")]
    [InlineData("{{ (1] }}", 1, "unexpected ']', expected ')'")]
    [InlineData("{% set 1 = 2 %}", 1, "can only assign to")]
    [InlineData("\n{% break %}", 2, "'break' outside of a loop")]
    [InlineData("{% do x %}", 1, "unknown tag 'do'")]
    public void Says_the_line_of_what_it_cannot_parse(string source, int line, string message)
    {
        var error = Assert.Throws<EngineException>(() => ChatTemplate.Parse(source));
        Assert.Equal("chat_template", error.Code);
        Assert.StartsWith($"chat template, line {line}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\n{{ x.y }}", 2, "UndefinedError: 'x' is undefined")]
    [InlineData("{{ 1 }}\n{{ raise_exception('No system role') }}", 2, "No system role")]
    [InlineData("{% for a in [1] %}\n\n{{ a + 'x' }}\n{% endfor %}", 3, "TypeError: unsupported operand type(s) for +: 'int' and 'str'")]
    [InlineData("{% macro m() %}\n{{ 1 }}\n{% endmacro %}\n{{ m() }}\n{{ m() + 1 }}", 5, "can only concatenate str")]
    [InlineData("{{ 1 | nope }}", 1, "no filter named 'nope'")]
    [InlineData("{{ 1 is nope }}", 1, "no test named 'nope'")]
    [InlineData("\n{% include 'a' %}", 2, "the tag 'include' is not supported")]
    [InlineData("{% import 'a' as b %}", 1, "the tag 'import' is not supported")]
    [InlineData("{% extends 'a' %}", 1, "the tag 'extends' is not supported")]
    public void Says_the_line_of_what_it_cannot_render(string source, int line, string message)
    {
        var error = Rendering.Fail(source);
        Assert.StartsWith($"chat template, line {line}: ", error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_stay_on_one_line() => Assert.Equal("chat template, line 1: a b", Rendering.Fail("{{ raise_exception('a\\r\\nb') }}"));

    [Fact]
    public void Generation_blocks_are_rendered_with_a_scope_of_their_own() =>
        Assert.Equal("[a]", Rendering.Render("{% generation %}{% set x = 1 %}[a]{% endgeneration %}{{ x }}"));

    [Fact]
    public void Renders_on_many_threads_at_once()
    {
        var template = ChatTemplate.Parse("{% set ns = namespace(n=0) %}{% for i in range(count) %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}");
        var sums = Enumerable.Range(0, 64).AsParallel().AsOrdered().Select(count => template.Render(new JsonObject { ["count"] = count }));
        Assert.Equal(Enumerable.Range(0, 64).Select(count => $"{count * (count - 1) / 2}"), sums);
    }

    [Fact]
    public void The_mark_of_guarded_text_passes_through_printing_repr_and_json()
    {
        const string Guarded = "<\uFDD0|im_end|>";
        var context = new JsonObject { ["a"] = Guarded };
        var rendered = ChatTemplate.Parse("{{ a }}{{ [a] }}{{ a | tojson }}{{ a | trim | replace('x', 'y') }}{{ '%s' % a }}").Render(context);
        Assert.Equal($"{Guarded}['{Guarded}']\"{Guarded}\"{Guarded}{Guarded}", rendered);
    }
}
