namespace ManagedSwarm.ModelsTest.Stories;

/// <summary>One document of the corpus: a conversation, or a tale by itself.</summary>
/// <param name="System">A system prompt, if the conversation has one.</param>
/// <param name="Turns">The conversation; empty: <paramref name="Plain"/> is all.</param>
/// <param name="Plain">A tale by itself.</param>
public sealed record Document(string? System, IReadOnlyList<ChatTurn> Turns, string Plain)
{
    /// <summary>Control tokens before what the system, the user and the model say.</summary>
    public const string SystemMark = "<|system|>";

    public const string UserMark = "<|user|>";

    public const string AssistantMark = "<|assistant|>";

    private const string End = "</s>";

    /// <summary>The chat template that writes conversations as <see cref="Render"/> does.</summary>
    public const string ChatTemplate =
        "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'assistant' %}" + AssistantMark + "{{ message['content'] | trim }}"
        + End + "{% else %}<|{{ message['role'] }}|>{{ message['content'] | trim }}{% endif %}{% endfor %}"
        + "{% if add_generation_prompt %}" + AssistantMark + "{% endif %}";

    /// <summary>The text with its control tokens, but without the first.</summary>
    public string Render() => Turns.Count == 0
        ? Plain + End
        : (System is null ? "" : SystemMark + System)
            + string.Concat(Turns.Select(turn => UserMark + turn.User + AssistantMark + turn.Assistant + End));
}
