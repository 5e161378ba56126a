namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>One message of a conversation.</summary>
/// <param name="Role">Who wrote it.</param>
/// <param name="Text">As it was written: Markdown, where it is a reply.</param>
/// <param name="Facts">What was measured of a reply; null: it is none.</param>
public sealed record Turn(TurnRole Role, string Text, ReplyFacts? Facts = null);
