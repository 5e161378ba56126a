using ManagedSwarm.Server.Commands;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Server.Commands;

public sealed class ReadmeTests
{
    [Fact]
    public Task Has_the_reference_of_the_options_of_run() => HasReferenceAsync("options", RunOptions.Own);

    [Fact]
    public Task Has_the_reference_of_the_options_of_members() => HasReferenceAsync("swarm options", SwarmCommandOptions.All);

    [Fact]
    public Task Has_the_reference_of_the_options_of_plans() => HasReferenceAsync("plan options", [.. PlanOptions.Own, .. SplitOptions.All]);

    [Fact]
    public Task Has_the_reference_of_the_options_of_worker_mode() => HasReferenceAsync(
        "worker mode options",
        [
            SplitOptions.HeadLayers, SplitOptions.Wire, SplitOptions.RecoverTimeout, SplitOptions.RecoveryLog, SplitOptions.LateWorkers,
            SplitOptions.Spares,
            WorkerOptions.Memory, WorkerOptions.CacheFolder, WorkerOptions.CacheLimit, WorkerOptions.OwnFiles, WorkerOptions.DrainTimeout,
        ]);

    [Fact]
    public Task Has_the_reference_of_the_options_of_federated_mode() => HasReferenceAsync("federation options", FederationOptions.Run);

    [Fact]
    public Task Has_the_reference_of_the_options_of_the_drill() => HasReferenceAsync("drill options", DrillOptions.All);

    private static async Task HasReferenceAsync(string mark, IReadOnlyList<OptionSpec> options)
    {
        var readme = await File.ReadAllTextAsync(Repository.File("README.md"), TestContext.Current.CancellationToken);
        var (begin, end) = ($"<!-- {mark} -->", $"<!-- /{mark} -->");
        var reference = readme[(readme.IndexOf(begin, StringComparison.Ordinal) + begin.Length)..readme.IndexOf(end, StringComparison.Ordinal)];
        Assert.True(reference.Trim() == Reference(options), $"between the two marks, README should say:\n\n{Reference(options)}\n");
    }

    private static string Reference(IReadOnlyList<OptionSpec> options) =>
        "| option | environment | default | what |\n|---|---|---|---|\n" + string.Join('\n', options.Select(Row));

    private static string Row(OptionSpec option)
    {
        var names = string.Join(", ", option.Aliases.Prepend(option.Name).Select(name => $"`--{name}`"));
        var value = option.ValueName.Replace("|", " \\| ", StringComparison.Ordinal);
        var variables = string.Join(", ", option.Variables.Select(variable => $"`{variable.Name}`{(variable.IsOpposite ? " (the opposite)" : "")}"));
        var left = $"{names} {value}".TrimEnd();
        return $"| {left} | {variables} | {option.DefaultText} | {option.Description}{(option.Repeatable ? " May be repeated." : "")} |";
    }
}
