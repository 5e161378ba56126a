namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>A conversation in the browser's list.</summary>
internal sealed record KeptTitle(string Id, string Title);
