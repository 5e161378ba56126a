using ManagedSwarm.Server.Commands;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Server.Commands;

public sealed class ReadmeTests
{
    private const string Begin = "<!-- options -->";
    private const string End = "<!-- /options -->";

    [Fact]
    public async Task Has_the_reference_of_the_options_as_the_program_has_them()
    {
        var readme = await File.ReadAllTextAsync(Repository.File("README.md"), TestContext.Current.CancellationToken);
        var reference = readme[(readme.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length)..readme.IndexOf(End, StringComparison.Ordinal)];
        Assert.True(reference.Trim() == Reference(), $"between the two marks, README should say:\n\n{Reference()}\n");
    }

    private static string Reference() =>
        "| option | environment | default | what |\n|---|---|---|---|\n" + string.Join('\n', RunOptions.All.Select(Row));

    private static string Row(OptionSpec option)
    {
        var names = string.Join(", ", option.Aliases.Prepend(option.Name).Select(name => $"`--{name}`"));
        var value = option.ValueName.Replace("|", " \\| ", StringComparison.Ordinal);
        return $"| {names} {value} | `{option.EnvironmentVariable}` | {option.DefaultText} | {option.Description}{(option.Repeatable ? " May be repeated." : "")} |";
    }
}
