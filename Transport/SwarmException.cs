namespace ManagedSwarm.Transport;

/// <summary>The root of the transport's errors: something about a peer, an address or a token that cannot be, said in one line.</summary>
public class SwarmException : Exception
{
    /// <param name="code">A stable, machine-readable name, for example <c>invalid_token</c>.</param>
    /// <param name="message">What is wrong: what, found, allowed, where.</param>
    public SwarmException(string code, string message, Exception? innerException = null)
        : base(message, innerException) => Code = code;

    /// <summary>A stable, machine-readable name, for example <c>invalid_token</c>.</summary>
    public string Code { get; }
}
