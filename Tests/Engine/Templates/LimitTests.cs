using System.Text.Json.Nodes;
using ManagedSwarm.Engine.Templates;

namespace ManagedSwarm.Tests.Engine.Templates;

/// <summary>Every way that we know for a template to take too much of something ends in an error.</summary>
public class LimitTests
{
    private const string Steps = "steps: more than";
    private const string OneText = "characters of one text: more than";
    private const string AllText = "characters made while rendering: more than";
    private const string Nested = "nested";

    [Theory]
    [InlineData("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", Steps)]
    [InlineData("{% for a in range(99999) %}{% for b in range(99999) if false %}{% endfor %}{% endfor %}", Steps)]
    [InlineData("{{ [0] * 99999999 }}", Steps)]
    [InlineData("{{ [0] * 999999999999999999999 }}", Steps)]
    [InlineData("{{ ([[0] * 1000000] * 6) | map('sum') | sum }}", Steps)]
    [InlineData("{% set ns = namespace(x=[0, 1]) %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}", Steps)]
    [InlineData("{% set ns = namespace(x=[0]) %}{% for i in range(40) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | length }}{{ ns.x == (ns.x | list) }}{{ ns.x | tojson }}", Steps)]
    [InlineData("{% set ns = namespace(x=(0,), y=(0,)) %}{% for i in range(40) %}{% set ns.x = (ns.x, ns.x) %}{% set ns.y = (ns.y, ns.y) %}{% endfor %}{{ ns.x == ns.y }}", Steps)]
    [InlineData("{% set ns = namespace(x=(0,)) %}{% for i in range(40) %}{% set ns.x = (ns.x, ns.x) %}{% endfor %}{{ {ns.x: 1} }}", Steps)]
    [InlineData("{% set ns = namespace(x=(0,)) %}{% for i in range(40) %}{% set ns.x = (ns.x, ns.x) %}{% endfor %}{{ ns.x < ns.x }}{{ [ns.x] | unique | list }}", Steps)]
    [InlineData("{% set s = 'ab' * 4000000 %}{% for i in range(99999) %}{{ 'ba c' in s }}{% endfor %}", Steps)]
    [InlineData("{% set s = 'ab' * 4000000 %}{% for i in range(99999) %}{{ s.find('c') }}{% endfor %}", Steps)]
    [InlineData("{{ ('a,' * 8000000).split(',') | length }}", Steps)]
    [InlineData("{{ ('a ' * 8000000).split() | length }}", Steps)]
    [InlineData("{{ ('a' * 8000000) | list | length }}", Steps)]
    [InlineData("{{ range(10) | slice(999999999) | list }}", Steps)]
    [InlineData("{{ [1] | batch(999999999, 0) | list }}", Steps)]
    [InlineData("{{ 'a' * 99999999 }}", OneText)]
    [InlineData("{{ 'a' * 999999999999999999999 }}", OneText)]
    [InlineData("{{ 'a' | center(99999999) }}", OneText)]
    [InlineData("{{ 'a'.ljust(99999999) }}", OneText)]
    [InlineData("{{ '1'.zfill(99999999) }}", OneText)]
    [InlineData("{{ '\\t'.expandtabs(99999999) }}", OneText)]
    [InlineData("{{ '%99999999d' % 1 }}", OneText)]
    [InlineData("{{ '%*d' % (99999999, 1) }}", OneText)]
    [InlineData("{{ '{:99999999}'.format(1) }}", OneText)]
    [InlineData("{{ '{:>{}}'.format(1, 99999999) }}", OneText)]
    [InlineData("{{ ('a' * 9000).replace('a', 'a' * 9000) }}", OneText)]
    [InlineData("{{ ('a' * 9000).replace('', 'a' * 9000) }}", OneText)]
    [InlineData("{{ ('a' * 9000).join(['b'] * 9000) }}", OneText)]
    [InlineData("{{ (['b'] * 9000) | join('a' * 9000) }}", OneText)]
    [InlineData("{{ ('a\\n' * 9000) | indent(9000) }}", OneText)]
    [InlineData("{{ 'a' | indent(99999999) }}", OneText)]
    [InlineData("{{ [[1]] | tojson(indent=99999999) }}", OneText)]
    [InlineData("{{ (['b'] * 9000) | tojson(separators=['a' * 9000, '']) }}", OneText)]
    [InlineData("{% set s = 'a' * 9000000 %}{{ s + s }}", OneText)]
    [InlineData("{% set s = 'a' * 9000000 %}{{ s ~ s }}", OneText)]
    [InlineData("{% set s = 'a' * 9000000 %}{{ s }}{{ s }}", OneText)]
    [InlineData("{% set s = 'a' * 9000000 %}{{ [s, s] }}", OneText)]
    [InlineData("{% set x %}{% for i in range(99999) %}{{ 'a' * 999 }}{% endfor %}{% endset %}", OneText)]
    [InlineData("{% set s = 'a' * 9000000 %}{% for i in range(99999) %}{% set x = s | upper %}{% endfor %}", AllText)]
    [InlineData("{% set s = 'a' * 9000000 %}{% for i in range(99999) %}{% set x = s[1:] %}{% endfor %}", AllText)]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", Nested)]
    [InlineData("{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}", Nested)]
    [InlineData("{% macro m() %}{% call m() %}{% endcall %}{{ caller }}{% endmacro %}{{ m() }}", Nested)]
    [InlineData("{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}", Nested)]
    [InlineData("{% set ns = namespace() %}{% set ns.x = ns %}{{ ns }}", Nested)]
    [InlineData("{% set ns = namespace(x=[]) %}{% for i in range(90000) %}{% set ns.x = [[[[[[[[ns.x]]]]]]]] %}{% endfor %}{{ ns.x }}", Nested)]
    [InlineData("{% set ns = namespace(x=[]) %}{% for i in range(90000) %}{% set ns.x = [[[[[[[[ns.x]]]]]]]] %}{% endfor %}{{ ns.x | tojson }}", Nested)]
    [InlineData("{% set ns = namespace(x=[], y=[]) %}{% for i in range(90000) %}{% set ns.x = [[[[[[[[ns.x]]]]]]]] %}{% set ns.y = [[[[[[[[ns.y]]]]]]]] %}{% endfor %}{{ ns.x == ns.y }}", Nested)]
    [InlineData("{% set ns = namespace(x=(0,)) %}{% for i in range(90000) %}{% set ns.x = ((((((((ns.x,),),),),),),),) %}{% endfor %}{{ {ns.x: 1} }}", Nested)]
    [InlineData("{% set ns = namespace(x=[1] | map('string')) %}{% for i in range(90000) %}{% set ns.x = ns.x | map('string') | map('string') | map('string') | map('string') | map('string') | map('string') %}{% endfor %}{{ ns.x | list }}", Nested)]
    [InlineData("{{ 10 ** (10 ** 10) }}", "bits allowed")]
    [InlineData("{{ 2 ** 99999 }}", "bits allowed")]
    [InlineData("{% set ns = namespace(x=9) %}{% for i in range(99) %}{% set ns.x = ns.x * ns.x %}{% endfor %}", "bits allowed")]
    [InlineData("{{ '%.9999f' % 1 }}", "digits after the point: more than")]
    [InlineData("{{ '{:.9999f}'.format(1) }}", "digits after the point: more than")]
    [InlineData("{{ range(100001) }}", "elements of a range: more than the 100000 allowed")]
    [InlineData("{{ range(0, 10 ** 30) }}", "elements of a range: more than the 100000 allowed")]
    public void Ends_with_an_error(string template, string message)
    {
        Assert.Contains(message, Rendering.Fail(template), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("-", "")]
    [InlineData("not ", "")]
    [InlineData("{'a': ", "}")]
    [InlineData("x[", "]")]
    [InlineData("x(", ")")]
    [InlineData("x | f(", ")")]
    [InlineData("1 if 1 else ", "")]
    public void Rejects_nested_expressions(string open, string close)
    {
        var expression = string.Concat(Enumerable.Repeat(open, 50_000)) + "1" + string.Concat(Enumerable.Repeat(close, 50_000));
        Assert.Contains("more than the 200 allowed", Rendering.Fail($"{{{{ {expression} }}}}"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{% if 1 %}", "{% endif %}")]
    [InlineData("{% for a in [1] %}", "{% endfor %}")]
    [InlineData("{% set a %}", "{% endset %}")]
    [InlineData("{% macro a() %}", "{% endmacro %}")]
    [InlineData("{% filter upper %}", "{% endfilter %}")]
    public void Rejects_nested_blocks(string open, string close)
    {
        var template = string.Concat(Enumerable.Repeat(open, 10_000)) + string.Concat(Enumerable.Repeat(close, 10_000));
        Assert.Contains("more than the 200 allowed", Rendering.Fail(template), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(" + 1")]
    [InlineData(" ** 1")]
    [InlineData(" and 1")]
    [InlineData(" | abs")]
    [InlineData(".x")]
    [InlineData(" is odd is odd")]
    public void Rejects_or_renders_long_chains(string link)
    {
        var chain = "1" + string.Concat(Enumerable.Repeat(link, 50_000));
        Rendering.Fail($"{{{{ {chain} }}}}");
    }

    [Fact]
    public void Long_flat_things_are_no_nesting()
    {
        var list = string.Join(", ", Enumerable.Range(0, 5000));
        var concatenation = string.Join(" ~ ", Enumerable.Range(0, 5000));
        Assert.Equal("5000", Rendering.Render($"{{{{ [{list}] | length }}}}"));
        Assert.Equal(string.Concat(Enumerable.Range(0, 5000)), Rendering.Render($"{{{{ {concatenation} }}}}"));
    }

    [Fact]
    public void A_small_stack_ends_in_an_error_too()
    {
        string? message = null;
        var thread = new Thread(
            () => message = Rendering.Fail("{% macro m() %}{% if true %}{{ (m()) }}{% endif %}{% endmacro %}{{ m() }}"), maxStackSize: 256 * 1024);
        thread.Start();
        thread.Join();
        Assert.Contains(Nested, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rejects_a_template_that_is_too_long() =>
        Assert.Contains("characters in the template", Rendering.Fail(new string(' ', 4 * 1024 * 1024 + 1)), StringComparison.Ordinal);

    [Fact]
    public void A_prompt_of_ten_megabytes_is_rendered()
    {
        var content = new string('x', 10_000_000);
        var messages = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = content });
        var template = ChatTemplate.Parse("{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] | trim + '<|im_end|>' + '\\n' }}{% endfor %}");
        Assert.Equal(content.Length + 28, template.Render(new JsonObject { ["messages"] = messages }).Length);
    }

    [Fact]
    public void A_conversation_of_five_thousand_messages_is_rendered()
    {
        var messages = new JsonArray([.. Enumerable.Range(0, 5000).Select(i => new JsonObject { ["role"] = i % 2 == 0 ? "user" : "assistant", ["content"] = $"message {i}" })]);
        var template = ChatTemplate.Parse("""
            {%- for message in messages %}
                {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('alternate') }}{% endif %}
                {%- if message['role'] == 'user' %}{{ '[INST] ' + message['content'].strip() + ' [/INST]' }}
                {%- elif message['role'] == 'assistant' %}{{ ' ' + message['content'] | trim + ' ' + eos_token }}{% endif %}
            {%- endfor %}
            """);
        var rendered = template.Render(new JsonObject { ["messages"] = messages, ["eos_token"] = "</s>" });
        Assert.EndsWith("[INST] message 4998 [/INST] message 4999 </s>", rendered, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_can_be_set()
    {
        var template = ChatTemplate.Parse("{% for i in range(10) %}{{ 'abc' }}{% endfor %}");
        Assert.Equal(30, template.Render([], new TemplateLimits { MaxSteps = 100 }).Length);
        Assert.Contains("steps: more than the 10 allowed", Rendering.Fail(() => template.Render([], new TemplateLimits { MaxSteps = 10 })), StringComparison.Ordinal);
        Assert.Contains("one text: more than the 29 allowed", Rendering.Fail(() => template.Render([], new TemplateLimits { MaxOutput = 29 })), StringComparison.Ordinal);
        Assert.Contains("rendering: more than the 29 allowed", Rendering.Fail(() => template.Render([], new TemplateLimits { MaxText = 29 })), StringComparison.Ordinal);
        Assert.Contains("nested evaluations", Rendering.Fail(() => template.Render([], new TemplateLimits { MaxDepth = 1 })), StringComparison.Ordinal);
    }
}
