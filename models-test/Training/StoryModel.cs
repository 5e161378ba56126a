using ManagedSwarm.Engine.Tokenization;
using ManagedSwarm.Gguf;
using ManagedSwarm.ModelsTest.Stories;

namespace ManagedSwarm.ModelsTest.Training;

/// <summary>The model that tells tales: its shape, its tokens, and its documents as tokens.</summary>
public static class StoryModel
{
    private const int VocabularySize = 1536;

    private static readonly string[] Controls = [Document.SystemMark, Document.UserMark, Document.AssistantMark];

    /// <summary>2.7 million parameters.</summary>
    public static ModelShape Shape { get; } = new()
    {
        Name = "tales",
        HiddenSize = 256,
        LayerCount = 4,
        HeadCount = 8,
        KvHeadCount = 4,
        HeadSize = 32,
        FeedForwardSize = 512,
        VocabularySize = VocabularySize,
        ContextLength = new TrainingPlan().RowLength,
        TiedEmbeddings = true,
        ChatTemplate = Document.ChatTemplate,
    };

    /// <summary>Learns the pieces of which the documents are made.</summary>
    public static VocabularyTable LearnVocabulary(IEnumerable<Document> documents)
    {
        var texts = documents.SelectMany(document =>
            document.Turns.SelectMany(turn => new[] { turn.User, turn.Assistant }).Append(document.Plain).Append(document.System ?? ""));
        var pieces = VocabularyLearner.Learn(texts, VocabularySize - ByteFallbackVocabulary.MinSize - Controls.Length);
        return VocabularyTable.Create(Controls, pieces);
    }

    /// <summary>The engine's own tokenizer, so that the model learns what it will read.</summary>
    public static Tokenizer CreateTokenizer(VocabularyTable vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        return Tokenizer.FromMetadata(new GgufMetadata(vocabulary.ToMetadata(addSpacePrefix: false)));
    }

    /// <summary>A document's tokens, from the first to the last.</summary>
    public static int[] Tokenize(Tokenizer tokenizer, Document document)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(document);
        return tokenizer.Encode(document.Render(), addSpecial: true, parseSpecial: true);
    }
}
