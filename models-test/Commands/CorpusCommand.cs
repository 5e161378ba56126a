using System.CommandLine;
using ManagedSwarm.ModelsTest.Stories;

namespace ManagedSwarm.ModelsTest.Commands;

/// <summary><c>corpus FILE</c>: what the model reads, one document a line.</summary>
internal static class CorpusCommand
{
    public static Option<int> CountOption() => new("--documents")
    {
        Description = "How many documents",
        DefaultValueFactory = _ => Corpus.Count,
    };

    public static Command Create()
    {
        var output = new Argument<string>("file") { Description = "The text file to write" };
        var count = CountOption();
        var command = new Command("corpus", "Writes the tales and conversations that the model is trained on, a line each.") { output, count };
        command.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(output);
            File.WriteAllLines(path, Enumerable.Range(0, parsed.GetValue(count)).Select(index => Corpus.Write(index).Render()));
            Console.WriteLine($"{path}: {new FileInfo(path).Length} bytes");
        });
        return command;
    }
}
