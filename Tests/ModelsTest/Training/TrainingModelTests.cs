using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Gguf;
using ManagedSwarm.ModelsTest;
using ManagedSwarm.ModelsTest.Stories;
using ManagedSwarm.ModelsTest.Training;
using ManagedSwarm.Tests.Fixtures;
using TorchSharp;

namespace ManagedSwarm.Tests.ModelsTest.Training;

public sealed class TrainingModelTests
{
    private static readonly ModelShape Small = StoryModel.Shape with { HiddenSize = 64, HeadSize = 16, HeadCount = 4, KvHeadCount = 2, FeedForwardSize = 96, LayerCount = 2, WeightScale = 0.2f };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Computes_what_the_engine_computes_from_its_file()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("random.gguf");
        ModelGenerator.Write(path, Small);
        await AssertSameLogitsAsync(path, Small, [1, 300, 7, 7, 450, 260, 20, 511]);
    }

    [Fact]
    public async Task Computes_the_shipped_models_logits()
    {
        await AssertSameLogitsAsync(Repository.File("models-test/tales.f16.gguf"), StoryModel.Shape, [1, 4, 400, 500, 600, 700, 800, 5, 900, 1000, 1100]);
    }

    [Fact]
    public void A_text_does_not_see_those_before_it_in_its_row()
    {
        long[] first = [1, 300, 7, 450], second = [1, 260, 20, 511, 7];
        using var model = Create(Small);
        using var scope = torch.NewDisposeScope();
        using var noGradients = torch.no_grad();

        var together = Logits(model, [.. first, .. second]);
        var apart = Logits(model, first).Concat(Logits(model, second)).ToArray();

        Assert.True(together.Zip(apart, (a, b) => Math.Abs(a - b)).Max() < 1e-5f);
        Assert.True(Logits(model, [1, 7, 300, 450]).Zip(apart, (a, b) => Math.Abs(a - b)).Max() > 1e-3f);
    }

    [Fact]
    public async Task Learns_and_writes_what_it_learned()
    {
        var documents = Enumerable.Range(0, 2000).Select(Corpus.Write).ToList();
        var vocabulary = StoryModel.LearnVocabulary(documents);
        var tokenizer = StoryModel.CreateTokenizer(vocabulary);
        var plan = new TrainingPlan { Steps = 12, RowsPerStep = 2, RowLength = 64, LearningRate = 1e-2 };
        var rows = new TrainingRows(documents.Take(50).Select(document => StoryModel.Tokenize(tokenizer, document)), plan.RowLength);
        using var model = Create(Small);
        using var trainer = new Trainer(model, rows, plan);
        var before = Trainer.Evaluate(model, rows, plan.RowLength, 4);
        while (trainer.Step < plan.Steps)
        {
            Assert.True(float.IsFinite(trainer.Next()));
        }

        Assert.InRange(before, Math.Log(StoryModel.Shape.VocabularySize) - 0.5, Math.Log(StoryModel.Shape.VocabularySize) + 0.5);
        Assert.True(Trainer.Evaluate(model, rows, plan.RowLength, 4) < before - 0.1);
        using var folder = new TemporaryFolder();
        var path = folder.File("trained.gguf");
        ModelExport.Save(path, model, Small with { Type = TensorType.F16 }, vocabulary);
        await AssertSameLogitsAsync(path, Small, StoryModel.Tokenize(tokenizer, documents[0])[..40]);
    }

    /// <summary>Opens a model; skips the running test where libtorch does not load.</summary>
    private static TrainingModel Create(ModelShape shape)
    {
        try
        {
            return new TrainingModel(shape);
        }
        catch (EngineException exception) when (exception.Code == "torch_unavailable")
        {
            Assert.Skip(exception.Message);
            throw;
        }
    }

    private static float[] Logits(TrainingModel model, long[] tokens) =>
        model.Forward(torch.tensor(tokens).unsqueeze(0)).contiguous().data<float>().ToArray();

    private static async Task AssertSameLogitsAsync(string path, ModelShape shape, int[] tokens)
    {
        using var file = GgufFile.Open(path);
        using var model = Create(shape with { VocabularySize = (int)file.Metadata.Get<long>("llama.vocab_size") });
        model.Load(file);
        using var device = TestDevices.Open(DeviceKind.Cpu);
        await using var engine = new TeacherForcing(device, path);
        var expected = await engine.ComputeLogitsAsync(tokens, tokens.Length, Cancellation);

        using var scope = torch.NewDisposeScope();
        using var noGradients = torch.no_grad();
        var logits = Logits(model, [.. tokens.Select(token => (long)token)]);

        var worst = expected.SelectMany(row => row).Zip(logits, (a, b) => Math.Abs(a - b)).Max();
        Assert.True(worst < 1e-3, $"logits differ by up to {worst}");
        Assert.True(expected.SelectMany(row => row).Max() > 0.05f);
    }
}
