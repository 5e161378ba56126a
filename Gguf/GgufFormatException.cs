namespace ManagedSwarm.Gguf;

/// <summary>A file that is not a well-formed GGUF file, or one with something that is not supported.</summary>
public sealed class GgufFormatException : Exception
{
    /// <param name="reason">What is wrong: what, found, allowed.</param>
    /// <param name="offset">Where, in bytes from the start of the file.</param>
    /// <param name="path">Which file, where it is known.</param>
    public GgufFormatException(string reason, long offset, string? path = null, Exception? innerException = null)
        : base($"{(path is null ? "" : $"{path}: ")}{reason} (at byte {offset})", innerException)
    {
        Reason = reason;
        Offset = offset;
    }

    /// <summary>What is wrong: what, found, allowed.</summary>
    public string Reason { get; }

    /// <summary>Where, in bytes from the start of the file.</summary>
    public long Offset { get; }
}
