namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>What a chat needs of OpenAI's API.</summary>
internal interface IChatApi
{
    /// <summary>The models that can be asked.</summary>
    /// <exception cref="ChatApiException">None can be now; says why.</exception>
    Task<IReadOnlyList<ChatModel>> ModelsAsync(CancellationToken cancellationToken);

    /// <summary>Asks for a reply; ends with it. Cancelling it cancels the request.</summary>
    /// <exception cref="ChatApiException">It is refused, or broke off; says why.</exception>
    IAsyncEnumerable<ReplyChunk> ReplyAsync(Conversation conversation, CancellationToken cancellationToken);
}
