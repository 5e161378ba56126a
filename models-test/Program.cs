using System.CommandLine;
using ManagedSwarm.ModelsTest;
using ManagedSwarm.ModelsTest.Commands;

var root = new RootCommand("Makes GGUF models: with random weights, or one that tells tales.")
{
    CorpusCommand.Create(),
    TrainCommand.Create(),
    CreateCommand("tiny", "A very small model with random weights.", ModelPresets.Tiny),
    CreateCommand("bench", "A model of 1.1 billion parameters, for benchmarks.", ModelPresets.Bench),
};
return root.Parse(args).Invoke();

static Command CreateCommand(string name, string description, ModelShape preset)
{
    var output = new Argument<string>("file") { Description = "The file to write" };
    var options = ShapeOption.CreateAll();
    var command = new Command(name, description) { output };
    foreach (var option in options)
    {
        command.Options.Add(option.Option);
    }

    command.SetAction(parsed =>
    {
        try
        {
            var shape = options.Aggregate(preset, (shape, option) => option.Apply(parsed, shape));
            var path = parsed.GetRequiredValue(output);
            ModelGenerator.Write(path, shape);
            Console.WriteLine($"{path}: {new FileInfo(path).Length} bytes");
            return 0;
        }
        catch (Exception exception) when (exception is ArgumentException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(exception.Message);
            return 1;
        }
    });
    return command;
}
