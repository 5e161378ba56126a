using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Model;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>What the endpoints need of a model: its card, text to tokens and back, and replies.</summary>
internal interface IServedModel : IAsyncDisposable
{
    /// <summary>Its id in the API.</summary>
    string Id { get; }

    DateTimeOffset Created { get; }

    /// <summary>Tokens of context per sequence, prompt and reply together.</summary>
    int ContextLength { get; }

    int VocabularySize { get; }

    /// <summary>Changes where replies to the same seed may change: the model, what computes, how keys and values are kept.</summary>
    string Fingerprint { get; }

    /// <inheritdoc cref="Transport.Membership.ModelFacts.Numerics"/>
    string Numerics { get; }

    IGenerator Generator { get; }

    /// <summary>What its parts take of the memory of whoever has them; null: not known.</summary>
    ModelMemory? Memory => null;

    /// <summary>
    /// The longest text (in UTF-8 bytes) that can fit the context. A longer one need not be tokenized to be refused, which takes
    /// seconds for megabytes.
    /// </summary>
    long MaxPromptBytes { get; }

    /// <summary>A plain prompt's tokens, with the BOS that the model asks for; texts of control tokens stay text.</summary>
    int[] EncodeText(string text);

    /// <summary>A conversation's tokens, by the model's chat template, up to where the reply begins.</summary>
    int[] EncodeChat(IReadOnlyList<ChatMessage> messages);

    /// <summary>A token's bytes as they stand in a reply.</summary>
    ReadOnlyMemory<byte> GetBytes(int token);
}

/// <summary>One message of a conversation.</summary>
/// <param name="Role">system, user or assistant.</param>
/// <param name="Content">Its text.</param>
/// <param name="Name">Who speaks, where the client says so.</param>
internal sealed record ChatMessage(string Role, string Content, string? Name = null);
