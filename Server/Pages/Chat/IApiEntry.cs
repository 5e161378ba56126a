namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>What lets the one who looks at a page into the API.</summary>
internal interface IApiEntry
{
    /// <returns>A key; null: none is needed.</returns>
    /// <exception cref="ChatApiException">One is needed, and who looks has none any more.</exception>
    ValueTask<string?> FindAsync();
}
