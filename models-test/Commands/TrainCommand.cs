using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using ManagedSwarm.Gguf;
using ManagedSwarm.ModelsTest.Stories;
using ManagedSwarm.ModelsTest.Training;
using Spectre.Console;

namespace ManagedSwarm.ModelsTest.Commands;

/// <summary><c>train</c>: makes the model that ships.</summary>
internal static class TrainCommand
{
    private const int StepsPerCheckpoint = 200;
    private const int HeldOutDocuments = 200;

    private static readonly (string Suffix, TensorType Type)[] Files =
        [("f16", TensorType.F16), ("q8_0", TensorType.Q8_0), ("q4_k", TensorType.Q4_K)];

    public static Command Create()
    {
        var output = new Option<DirectoryInfo>("--output")
        {
            Description = "The folder for the models and the plot; checkpoints go to its folder checkpoints",
            DefaultValueFactory = _ => new DirectoryInfo("models-test"),
        };
        var steps = new Option<int>("--steps") { Description = "How many steps", DefaultValueFactory = _ => new TrainingPlan().Steps };
        var documents = CorpusCommand.CountOption();
        var command = new Command("train", "Writes a corpus, learns its vocabulary, trains the model that ships, and writes its files.")
        {
            output, steps, documents,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var folder = parsed.GetValue(output)!;
            folder.Create();
            Train(folder.FullName, new TrainingPlan { Steps = parsed.GetValue(steps) }, parsed.GetValue(documents), cancellation);
            return Task.FromResult(0);
        });
        return command;
    }

    private static void Train(string folder, TrainingPlan plan, int documentCount, CancellationToken cancellation)
    {
        var documents = Enumerable.Range(0, documentCount).AsParallel().AsOrdered().WithCancellation(cancellation).Select(Corpus.Write).ToArray();
        var vocabulary = StoryModel.LearnVocabulary(documents);
        var tokenizer = StoryModel.CreateTokenizer(vocabulary);
        var rows = new TrainingRows(documents.AsParallel().AsOrdered().Select(document => StoryModel.Tokenize(tokenizer, document)), plan.RowLength);
        var heldOut = new TrainingRows(
            Enumerable.Range(0, HeldOutDocuments).Select(index => StoryModel.Tokenize(tokenizer, Corpus.WriteHeldOut(index))), plan.RowLength);
        AnsiConsole.WriteLine(CultureInfo.InvariantCulture, "{0} documents, {1} tokens, {2} rows of {3}", documents.Length, rows.TokenCount, rows.Count, plan.RowLength);

        using var model = new TrainingModel(StoryModel.Shape);
        AnsiConsole.WriteLine(CultureInfo.InvariantCulture, "{0} parameters, {1} steps of {2} rows", model.ParameterCount, plan.Steps, plan.RowsPerStep);
        var losses = new List<float>();
        var heldOutLosses = new List<(int Step, float Loss)>();
        AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(progress =>
        {
            var task = progress.AddTask("loss", maxValue: plan.Steps);
            using var trainer = new Trainer(model, rows, plan);
            var clock = Stopwatch.StartNew();
            while (trainer.Step < plan.Steps)
            {
                cancellation.ThrowIfCancellationRequested();
                losses.Add(trainer.Next());
                task.Description = string.Create(CultureInfo.InvariantCulture, $"loss {losses[^1]:F3}");
                task.Increment(1);
                if (trainer.Step % StepsPerCheckpoint == 0 || trainer.Step == plan.Steps)
                {
                    Checkpoint(trainer.Step, clock.Elapsed);
                }
            }
        });

        foreach (var (suffix, type) in Files)
        {
            var path = Path.Combine(folder, $"tales.{suffix}.gguf");
            ModelExport.Save(path, model, StoryModel.Shape with { Type = type, Mixed = type == TensorType.Q4_K }, vocabulary);
            AnsiConsole.WriteLine(CultureInfo.InvariantCulture, "{0}: {1} bytes", path, new FileInfo(path).Length);
        }

        void Checkpoint(int step, TimeSpan time)
        {
            heldOutLosses.Add((step, Trainer.Evaluate(model, heldOut, plan.RowLength, plan.RowsPerStep)));
            AnsiConsole.WriteLine(
                CultureInfo.InvariantCulture,
                "step {0}, {1:F0} s: loss {2:F4}, on held-out pairs {3:F4}",
                step,
                time.TotalSeconds,
                losses.TakeLast(StepsPerCheckpoint).Average(),
                heldOutLosses[^1].Loss);
            LossPlot.Save(Path.Combine(folder, "tales-loss.svg"), losses, heldOutLosses);
            var checkpoints = Directory.CreateDirectory(Path.Combine(folder, "checkpoints"));
            ModelExport.Save(
                Path.Combine(checkpoints.FullName, string.Create(CultureInfo.InvariantCulture, $"tales-{step:D5}.gguf")),
                model,
                StoryModel.Shape with { Type = TensorType.F32 },
                vocabulary);
        }
    }
}
