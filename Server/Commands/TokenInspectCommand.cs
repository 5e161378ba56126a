using System.CommandLine;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Server.Commands;

/// <summary><c>token inspect</c>: says what a token holds, and nothing of it that is secret.</summary>
internal static class TokenInspectCommand
{
    private const string TokenArgument = "TOKEN";

    // Far more than any token has.
    private const int MaxInputChars = 64 * 1024;

    public static Command Create(CommandContext context)
    {
        var command = new Command("inspect", "Shows what a token says, but no secret.");
        var token = new Argument<string>(TokenArgument)
        {
            Description = "The token; '-' reads it from standard input, where other users of this machine cannot see it. "
                + $"[env: {OptionSpec.EnvironmentName(TokenArgument)}]",
            Arity = ArgumentArity.ZeroOrOne,
        };
        token.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: ['-', _, ..] option }])
            {
                result.AddError($"unknown option '{option}'");
            }
        });
        command.Arguments.Add(token);
        command.SetAction(parsed => Run(new OptionValues(parsed, context.Environment), context));
        return command;
    }

    /// <summary>Prints a line for each thing that the token says.</summary>
    /// <exception cref="UsageException">It is no token that can be used.</exception>
    private static int Run(OptionValues values, CommandContext context)
    {
        var token = Parse(values.GetArgument(TokenArgument), context.OpenInput);
        foreach (var (name, value) in Describe(token))
        {
            context.Output.WriteLine($"{name,-10} {value}");
        }

        return ExitCode.Success;
    }

    private static SwarmToken Parse(string? text, Func<TextReader> openInput)
    {
        try
        {
            return SwarmToken.Parse(text switch
            {
                null => throw new UsageException("expected a token, or '-' to read it from standard input; see 'managedswarm token inspect --help'"),
                "-" => ReadAll(openInput()),
                _ => text,
            });
        }
        catch (SwarmException exception)
        {
            throw new UsageException(exception.Message);
        }
    }

    private static string ReadAll(TextReader input)
    {
        var text = new char[MaxInputChars];
        return new string(text, 0, input.ReadBlock(text));
    }

    private static IEnumerable<(string Name, string Value)> Describe(SwarmToken token)
    {
        yield return ("version", $"{token.Version}");
        yield return ("network", token.NetworkId);
        yield return ("epoch", $"{token.Epoch}");
        yield return ("flags", $"{Pick(token, SwarmTokenFlags.Closed, "closed", "open")}, {Pick(token, SwarmTokenFlags.Fast, "fast", "hide")}");
        yield return ("protocols", new SwarmKeys(token).ProtocolId("..."));
        foreach (var address in token.Bootstrap)
        {
            yield return ("bootstrap", address.ToString());
        }

        if (token.Bootstrap.Count == 0)
        {
            yield return ("bootstrap", "none");
        }

        foreach (var field in token.Fields)
        {
            yield return ("field", $"{field.Tag} of {field.Value.Length} bytes, not used by this version");
        }
    }

    private static string Pick(SwarmToken token, SwarmTokenFlags flag, string set, string notSet) => token.Flags.HasFlag(flag) ? set : notSet;
}
