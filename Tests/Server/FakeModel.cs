using System.Collections.Concurrent;
using System.Text;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Server.OpenAi;

namespace ManagedSwarm.Tests.Server;

/// <summary>A model whose tokens are bytes; replies come from a <see cref="ScriptedGenerator"/>.</summary>
internal sealed class FakeModel(ScriptedGenerator generator) : IServedModel
{
    public const string DefaultId = "fake";
    public const int Context = 1000;
    public const int Vocabulary = 256;

    public string Id { get; init; } = DefaultId;

    public DateTimeOffset Created { get; } = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    public int ContextLength => Context;

    public int VocabularySize => Vocabulary;

    public string Fingerprint => "fp_fake";

    public string Numerics { get; init; } = "";

    public IGenerator Generator => generator;

    public long MaxPromptBytes => Context;

    /// <summary>Conversations that were encoded, oldest first.</summary>
    public ConcurrentQueue<IReadOnlyList<ChatMessage>> Conversations { get; } = [];

    public int[] EncodeText(string text) => [.. Encoding.UTF8.GetBytes(text).Select(value => (int)value)];

    public int[] EncodeChat(IReadOnlyList<ChatMessage> messages)
    {
        Conversations.Enqueue(messages);
        return EncodeText(string.Concat(messages.Select(message => message.Content)));
    }

    public ReadOnlyMemory<byte> GetBytes(int token) => new byte[] { (byte)token };

    public bool IsDisposed { get; private set; }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return generator.DisposeAsync();
    }
}
