using System.CommandLine;
using System.Diagnostics.CodeAnalysis;

namespace ManagedSwarm.Server.Commands;

/// <summary>Turns an option's text into its value.</summary>
/// <returns>False: the text is not what <see cref="OptionSpec.Expected"/> says.</returns>
internal delegate bool TryParseOption<T>(string text, [MaybeNullWhen(false)] out T value);

/// <summary>
/// One option, said once: the parser, the environment, <c>--help</c> and the reference in README are made from it.
/// Values travel as text from the command line and from the environment alike, so both are judged by the same words.
/// </summary>
internal abstract class OptionSpec
{
    /// <param name="name">The long name without dashes: <c>address</c>.</param>
    /// <param name="valueName">What stands for the value in help: <c>HOST:PORT</c>, <c>f16|f32</c>.</param>
    /// <param name="description">One sentence.</param>
    /// <param name="expected">The allowed values, as they follow "expected …".</param>
    /// <param name="defaultText">The default as a user would type it; null where there is none.</param>
    protected OptionSpec(string name, string valueName, string description, string expected, string? defaultText)
    {
        Name = name;
        ValueName = valueName;
        Description = description;
        Expected = expected;
        DefaultText = defaultText;
    }

    public string Name { get; }

    public string ValueName { get; }

    public string Description { get; }

    public string Expected { get; }

    public string? DefaultText { get; }

    /// <summary>Other long names, without dashes.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Variables that mean the same in other programs, asked in this order where our own is not set.</summary>
    public IReadOnlyList<OptionVariable> ForeignVariables { get; init; } = [];

    /// <summary>Whether it stands on the command line without a value, which then is <c>on</c>.</summary>
    public bool IsFlag { get; init; }

    /// <summary>Whether it may be given several times (in the environment: separated by commas).</summary>
    public bool Repeatable { get; init; }

    /// <summary>Whether its text must never be printed.</summary>
    public bool Secret { get; init; }

    /// <summary><c>--address</c>.</summary>
    public string LongName => "--" + Name;

    /// <summary><c>MANAGEDSWARM_ADDRESS</c>.</summary>
    public string EnvironmentVariable => EnvironmentName(Name);

    /// <summary>All its variables in the order in which they are asked.</summary>
    public IEnumerable<OptionVariable> Variables => ForeignVariables.Prepend(new(EnvironmentVariable));

    /// <summary>The description with what else a user must know: the environment variable, the default, repetition.</summary>
    public string HelpText =>
        Description
        + (Repeatable ? " May be repeated." : "")
        + $" [env: {string.Join(", ", Variables)}]"
        + (DefaultText is null ? "" : $" [default: {DefaultText}]");

    /// <summary><c>model-name</c> → <c>MANAGEDSWARM_MODEL_NAME</c>.</summary>
    public static string EnvironmentName(string name) => "MANAGEDSWARM_" + name.ToUpperInvariant().Replace('-', '_');

    /// <summary>A fresh option for a command's parser.</summary>
    public Option<string[]> CreateOption() => new(LongName, [.. Aliases.Select(alias => "--" + alias)])
    {
        Description = HelpText,
        HelpName = ValueName,
        Arity = IsFlag ? ArgumentArity.Zero : Repeatable ? ArgumentArity.OneOrMore : ArgumentArity.ExactlyOne,
        CustomParser = result => [.. result.Tokens.Select(token => token.Value)],
    };
}

/// <inheritdoc/>
internal sealed class OptionSpec<T>(
    string name, string valueName, string description, string expected, string? defaultText, TryParseOption<T> tryParse)
    : OptionSpec(name, valueName, description, expected, defaultText)
{
    /// <summary>Says of a text that is refused what is wrong with it; null: nothing more than that it is not what is expected.</summary>
    public Func<string, string?> Explain { get; init; } = _ => null;

    /// <summary>The value of a text.</summary>
    /// <param name="text">What was given.</param>
    /// <param name="source">Where it was given: <c>--address</c> or <c>MANAGEDSWARM_ADDRESS</c>.</param>
    /// <exception cref="UsageException">It is not what the option expects.</exception>
    public T Parse(string text, string source) => tryParse(text, out var value)
        ? value
        : throw new UsageException($"{source}: expected {Expected}, found '{(Secret ? "***" : text)}'{Because(text)}");

    private string Because(string text) => Explain(text) is { } why ? ": " + why : "";
}
