using System.CommandLine;

namespace ManagedSwarm.Server.Commands;

/// <summary>The values of a command's options: command line, else environment, else default.</summary>
/// <param name="result">The parsed command line.</param>
/// <param name="environment">Reads an environment variable; null where it is not set.</param>
internal sealed class OptionValues(ParseResult result, Func<string, string?> environment)
{
    /// <summary>The value of an option; null where it was not given and has no default.</summary>
    /// <exception cref="UsageException">What was given is not what the option expects.</exception>
    public T? Get<T>(OptionSpec<T> spec) => GetAll(spec) is [.., var last] ? last : default;

    /// <summary>All values of a repeatable option.</summary>
    /// <exception cref="UsageException">What was given is not what the option expects.</exception>
    public IReadOnlyList<T> GetAll<T>(OptionSpec<T> spec) =>
        Find(spec) is { } given ? [.. given.Texts.Select(text => spec.Parse(text, given.Source))]
        : spec.DefaultText is { } text ? [spec.Parse(text, spec.LongName)]
        : [];

    /// <summary>What was given for an option on the command line, else in the environment; null: nothing.</summary>
    public OptionText? Find(OptionSpec spec)
    {
        if (GivenFor(spec) is { Length: > 0 } given)
        {
            return new(spec.LongName, given);
        }

        foreach (var variable in spec.Variables)
        {
            // A variable that is set but empty counts as not set: that is how scripts unset one for a single command.
            if (environment(variable.Name) is { Length: > 0 } text)
            {
                string[] texts = spec.Repeatable ? text.Split(',', StringSplitOptions.TrimEntries) : [text];
                return new(variable.Name, [.. texts.Select(variable.Translate)]);
            }
        }

        return null;
    }

    /// <summary>The value of an argument that may be left out.</summary>
    public string? GetArgument(string name) => result.GetValue<string>(name) is { } given
        ? given
        : environment(OptionSpec.EnvironmentName(name)) is { Length: > 0 } fromEnvironment ? fromEnvironment : null;

    private string[]? GivenFor(OptionSpec spec) => !spec.IsFlag
        ? result.GetValue<string[]>(spec.LongName)
        : result.GetResult(spec.LongName) is null ? null : [OptionSyntax.SwitchText(true)];
}
