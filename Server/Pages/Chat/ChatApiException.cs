namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>The API has refused, or cannot be reached; the message is what people read.</summary>
internal sealed class ChatApiException(string message, bool isTransient, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Whether the same may work a moment later.</summary>
    public bool IsTransient { get; } = isTransient;
}
