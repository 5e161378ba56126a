using System.CommandLine;
using System.Text;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Server.Commands;

/// <summary><c>token new</c>: makes a token. Standard output is the token and nothing else, so that it can go into a file or a variable.</summary>
internal static class TokenNewCommand
{
    // A phrase is a line, not a document.
    private const int MaxPassphraseBytes = 8192;

    public static Command Create(CommandContext context)
    {
        var command = new Command("new", "Makes a token for a new swarm and prints it.");
        foreach (var option in TokenOptions.All)
        {
            command.Options.Add(option.CreateOption());
        }

        command.SetAction(parsed => Run(new OptionValues(parsed, context.Environment), context));
        return command;
    }

    /// <summary>Prints a new token.</summary>
    /// <exception cref="UsageException">An option's value is not what it expects.</exception>
    /// <exception cref="StartException">The phrase cannot be read.</exception>
    private static int Run(OptionValues values, CommandContext context)
    {
        context.Output.WriteLine(Make(values).Reveal());
        context.Error.WriteLine(
            "Who has this token can reach every machine of the swarm: give it to those machines only, in a file that only they can read.");
        context.Error.WriteLine("'managedswarm token inspect -' reads it from standard input and shows what it says, but no secret.");
        return ExitCode.Success;
    }

    private static SwarmToken Make(OptionValues values)
    {
        var bootstrap = values.GetAll(TokenOptions.Bootstrap);
        var file = values.Get(TokenOptions.PassphraseFile);
        var network = values.Get(TokenOptions.Network);
        try
        {
            return (file, network) switch
            {
                (null, null) => SwarmToken.Generate(bootstrap),
                (not null, not null) => SwarmToken.FromPassphrase(ReadPassphrase(file), network, bootstrap),
                (null, _) => throw new UsageException("--network needs --passphrase-file: without a phrase, a network is named by random numbers"),
                _ => throw new UsageException("--passphrase-file needs --network: the phrase and the network's name together make the token"),
            };
        }
        catch (SwarmException exception)
        {
            throw new UsageException(exception.Message);
        }
    }

    // The end of the line is the editor's, not the phrase's.
    private static string ReadPassphrase(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var bytes = new byte[MaxPassphraseBytes + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length <= MaxPassphraseBytes
                ? Encoding.UTF8.GetString(bytes, 0, length).TrimEnd('\r', '\n')
                : throw new StartException($"the pass-phrase file '{path}' has more than {MaxPassphraseBytes} bytes");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"the pass-phrase file '{path}' cannot be read: {exception.Message}", exception);
        }
    }
}
