namespace ManagedSwarm.Engine;

/// <summary>The root of the engine's errors: something about a model or a request that cannot be done, said in one line.</summary>
public class EngineException : Exception
{
    /// <summary>
    /// The code of a step that failed because the stages have lost all sequences, but are there again: who has the tokens can go on by
    /// computing them anew.
    /// </summary>
    public const string SequencesLost = "sequences_lost";

    /// <param name="code">A stable, machine-readable name, for example <c>context_length_exceeded</c>.</param>
    /// <param name="message">What is wrong: what, found, allowed, where.</param>
    public EngineException(string code, string message, Exception? innerException = null)
        : base(message, innerException) => Code = code;

    /// <summary>A stable, machine-readable name, for example <c>context_length_exceeded</c>.</summary>
    public string Code { get; }

    /// <summary>Which part of a request is to blame, by OpenAI's name (a chat is a <c>prompt</c> here, too); null where none is.</summary>
    public string? Parameter { get; init; }

    /// <summary>When it makes sense to ask again; null: nobody knows, or it makes none.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
