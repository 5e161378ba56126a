namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>Who writes in a conversation.</summary>
public enum TurnRole
{
    User = 0,
    Assistant = 1,
}
