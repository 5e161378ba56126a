using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Server.OpenAi;

namespace ManagedSwarm.Tests.Server.Pages.Models;

/// <summary>A model of four layers whose memory is known.</summary>
internal sealed class MeasuredModel : IServedModel
{
    private readonly FakeModel _model = new(new ScriptedGenerator());

    public string Id => _model.Id;

    public DateTimeOffset Created => _model.Created;

    public int ContextLength => _model.ContextLength;

    public int VocabularySize => _model.VocabularySize;

    public string Fingerprint => _model.Fingerprint;

    public string Numerics => _model.Numerics;

    public IGenerator Generator => _model.Generator;

    public ModelMemory? Memory { get; } = new()
    {
        LayerWeights = [4, 100, 20, 3],
        HeadWeights = 1000,
        KvPerLayer = 8,
        Workspace = 0,
        LayerFileBytes = [],
        HeadFileBytes = 0,
    };

    public long MaxPromptBytes => _model.MaxPromptBytes;

    public int[] EncodeText(string text) => _model.EncodeText(text);

    public int[] EncodeChat(IReadOnlyList<ChatMessage> messages) => _model.EncodeChat(messages);

    public ReadOnlyMemory<byte> GetBytes(int token) => _model.GetBytes(token);

    public ValueTask DisposeAsync() => _model.DisposeAsync();
}
