using System.Text.Json.Nodes;
using ManagedSwarm.Engine.Templates.Runtime;
using ManagedSwarm.Engine.Templates.Syntax;
using ManagedSwarm.Engine.Templates.Tree;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates;

/// <summary>
/// A model's chat template (Jinja, as <c>tokenizer.chat_template</c> holds it), parsed. It renders as transformers does, which is Python's
/// jinja2 3.1 with an immutable sandbox, <c>trim_blocks</c>, <c>lstrip_blocks</c>, <c>break</c> and <c>continue</c>, and the functions
/// <c>raise_exception</c>, <c>strftime_now</c> and <c>tojson</c>. It can reach nothing but its own values, and it ends: see
/// <see cref="TemplateLimits"/>. Immutable, so that many threads may render at once.
/// </summary>
/// <remarks>
/// Known differences: an unknown filter or test is an error where it is used, not when the template is parsed; <c>\N{…}</c> in strings, bytes,
/// complex numbers, <c>autoescape</c>, <c>self</c> and <c>super</c> are not there; upper and lower case map one character to one (but ß); what
/// prints with an address in Python (functions, generators) prints without; repr leaves U+FDD0 as it is.
/// </remarks>
public sealed class ChatTemplate
{
    private const string Code = "chat_template";
    private const int MaxMessage = 500;

    private const string DefaultSource = """
        {%- for message in messages %}
            {{- message['role'] | capitalize ~ ': ' ~ message['content'] | default('', true) | trim ~ '\n' }}
        {%- endfor %}
        {%- if add_generation_prompt %}
            {{- 'Assistant:' }}
        {%- endif %}
        """;

    private readonly Body _body;

    private ChatTemplate(string source, Body body) => (Source, _body) = (source, body);

    /// <summary>
    /// For a model whose file has no template: <c>Role: content</c>, one message a line, and <c>Assistant:</c> at the end where an answer is
    /// asked for. A file without a template mostly holds a base model, which has seen dialogues written like this, and no control tokens
    /// that another format could rely on; every vocabulary can spell it.
    /// </summary>
    public static ChatTemplate Default { get; } = Parse(DefaultSource);

    /// <summary>The template's text.</summary>
    public string Source { get; }

    /// <summary>Parses a template.</summary>
    /// <exception cref="EngineException"><c>chat_template</c>: it is not well-formed; says where.</exception>
    public static ChatTemplate Parse(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        try
        {
            return new ChatTemplate(source, StatementParser.Parse(source));
        }
        catch (TemplateFault fault)
        {
            throw ToException(fault, 1);
        }
    }

    /// <summary>Renders it: <paramref name="context"/> has messages, add_generation_prompt, bos_token, eos_token, tools, …</summary>
    /// <param name="time">The clock of <c>strftime_now</c>, which tells local time, as transformers does; the system's by default.</param>
    /// <exception cref="EngineException"><c>chat_template</c>: the template raised an error, or ran into a limit.</exception>
    public string Render(JsonObject context, TimeProvider? time = null) => Render(context, TemplateLimits.Default, time);

    internal string Render(JsonObject context, TemplateLimits limits, TimeProvider? time = null, Action<Scope>? addVariables = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        var state = new RenderState(limits, time ?? TimeProvider.System);
        try
        {
            var scope = new Scope(state);
            foreach (var (name, value) in ((DictValue)JsonValues.From(context, state)).Items)
            {
                scope.Set(((StringValue)name).Text, value);
            }

            addVariables?.Invoke(scope);
            _body.Execute(scope);
            return state.Output.ToString();
        }
        catch (TemplateFault fault)
        {
            throw ToException(fault, state.Line);
        }
    }

    /// <summary>One line, however long and broken the text is that a template raises.</summary>
    private static EngineException ToException(TemplateFault fault, int line)
    {
        var message = fault.Message.Length > MaxMessage ? fault.Message[..MaxMessage] + "…" : fault.Message;
        return new EngineException(Code, $"chat template, line {fault.Line ?? line}: {message.ReplaceLineEndings(" ")}") { Parameter = "prompt" };
    }
}
