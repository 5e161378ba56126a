using System.CommandLine;
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
        Say($"{documents.Length} documents, {rows.TokenCount} tokens, {rows.Count} rows of {plan.RowLength}");

        using var model = new TrainingModel(StoryModel.Shape);
        Say($"{model.ParameterCount} parameters, {plan.Steps} steps of {plan.RowsPerStep} rows");
        var log = new TrainingLog();
        AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(progress =>
        {
            var task = progress.AddTask("loss", maxValue: plan.Steps);
            using var trainer = new Trainer(model, rows, plan);
            while (trainer.Step < plan.Steps)
            {
                cancellation.ThrowIfCancellationRequested();
                log.Add(trainer.Next());
                task.Description = string.Create(CultureInfo.InvariantCulture, $"loss {log.LastLoss:F3}");
                task.Increment(1);
                if (trainer.Step % StepsPerCheckpoint == 0 || trainer.Step == plan.Steps)
                {
                    Say(log.AddHeldOut(Trainer.Evaluate(model, heldOut, plan.RowLength, plan.RowsPerStep), StepsPerCheckpoint));
                    SaveCheckpoint(folder, trainer.Step, model, vocabulary);
                    log.SavePlot(Path.Combine(folder, "tales-loss.svg"));
                }
            }
        });

        SaveModels(folder, model, vocabulary);
    }

    /// <summary>A model as it is now, which can be run at once.</summary>
    private static void SaveCheckpoint(string folder, int step, TrainingModel model, VocabularyTable vocabulary)
    {
        var checkpoints = Directory.CreateDirectory(Path.Combine(folder, "checkpoints")).FullName;
        var name = string.Create(CultureInfo.InvariantCulture, $"tales-{step:D5}.gguf");
        ModelExport.Save(Path.Combine(checkpoints, name), model, StoryModel.Shape with { Type = TensorType.F32 }, vocabulary);
    }

    private static void SaveModels(string folder, TrainingModel model, VocabularyTable vocabulary)
    {
        foreach (var (suffix, type) in Files)
        {
            var path = Path.Combine(folder, $"tales.{suffix}.gguf");
            ModelExport.Save(path, model, StoryModel.Shape with { Type = type, Mixed = type == TensorType.Q4_K }, vocabulary);
            Say($"{path}: {new FileInfo(path).Length} bytes");
        }
    }

    private static void Say(FormattableString text) => Say(text.ToString(CultureInfo.InvariantCulture));

    private static void Say(string text) => AnsiConsole.WriteLine(text);
}
