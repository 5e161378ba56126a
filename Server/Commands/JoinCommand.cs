using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Server.Commands;

/// <summary>A command line as it is typed into a shell. Whoever has it is a member.</summary>
/// <param name="Words">The program and its arguments, not quoted.</param>
/// <param name="Token">The one among them that is a secret.</param>
internal sealed record JoinCommand(IReadOnlyList<string> Words, SwarmToken Token)
{
    private const string Hidden = "mswarm1:••••••••";

    /// <summary>To be typed.</summary>
    public string Text => string.Join(' ', Words.Select(Quote));

    /// <summary>To be shown: without the secret.</summary>
    public string Masked => string.Join(' ', Words.Select(word => word == Token.Reveal() ? Hidden : Quote(word)));

    public override string ToString() => Masked;

    /// <summary>A word for a shell, as it is or between quotes.</summary>
    private static string Quote(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':' or '/' or '=')
            ? word
            : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
