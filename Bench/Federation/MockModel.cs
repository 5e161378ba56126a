using System.Text;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Server.OpenAi;

namespace ManagedSwarm.Bench.Federation;

/// <summary>A model whose tokens are bytes, and whose replies come from a <see cref="MockGenerator"/>.</summary>
internal sealed class MockModel(MockGenerator generator) : IServedModel
{
    public const string Name = "mock";

    public string Id => Name;

    public DateTimeOffset Created { get; } = DateTimeOffset.UnixEpoch;

    public int ContextLength => 1 << 20;

    public int VocabularySize => 256;

    public string Fingerprint => "fp_mock";

    public string Numerics => "mock";

    public IGenerator Generator => generator;

    public long MaxPromptBytes => ContextLength;

    public int[] EncodeText(string text) => [.. Encoding.UTF8.GetBytes(text).Select(value => (int)value)];

    public int[] EncodeChat(IReadOnlyList<ChatMessage> messages) =>
        EncodeText(string.Concat(messages.Select(message => $"{message.Role}\n{message.Content}\n")));

    public ReadOnlyMemory<byte> GetBytes(int token) => new[] { (byte)token };

    public ValueTask DisposeAsync() => generator.DisposeAsync();
}
