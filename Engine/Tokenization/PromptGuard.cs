namespace ManagedSwarm.Engine.Tokenization;

/// <summary>Keeps a user's text from becoming control tokens when it goes through a chat template.</summary>
public static class PromptGuard
{
}
