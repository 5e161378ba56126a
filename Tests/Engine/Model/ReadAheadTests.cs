using ManagedSwarm.Engine.Model;
using ManagedSwarm.Gguf;
using ManagedSwarm.ModelsTest;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Model;

public sealed class ReadAheadTests
{
    private const int Rows = 40_000;
    private const int HiddenSize = 64;

    [Fact]
    public void Reports_within_a_big_tensor_and_can_be_ended_there()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("model.gguf");
        // An embedding of 10 MB.
        ModelGenerator.Write(path, new ModelShape { Type = TensorType.F32, VocabularySize = Rows, HiddenSize = HiddenSize });
        using var file = GgufFile.Open(path);
        var weights = new ModelWeights(file);
        var reports = new Reports();

        weights.ReadAhead(reports, TestContext.Current.CancellationToken);

        var total = file.Tensors.Sum(tensor => tensor.ByteLength);
        Assert.Equal(new LoadProgress(0, total), reports.All[0]);
        Assert.Equal(new LoadProgress(total, total), reports.All[^1]);
        Assert.All(reports.All.Zip(reports.All.Skip(1)), pair =>
            Assert.InRange(pair.Second.BytesDone - pair.First.BytesDone, 1, Rows * HiddenSize * sizeof(float) / 2));

        using var ended = new CancellationTokenSource();
        var until = new Reports { OnReport = report => Cancel(ended, report) };
        Assert.Throws<OperationCanceledException>(() => weights.ReadAhead(until, ended.Token));
        Assert.Equal(2, until.All.Count);
    }

    private static void Cancel(CancellationTokenSource source, LoadProgress report)
    {
        if (report.BytesDone > 0)
        {
            source.Cancel();
        }
    }

    private sealed class Reports : IProgress<LoadProgress>
    {
        public List<LoadProgress> All { get; } = [];

        public Action<LoadProgress>? OnReport { get; init; }

        public void Report(LoadProgress value)
        {
            All.Add(value);
            OnReport?.Invoke(value);
        }
    }
}
