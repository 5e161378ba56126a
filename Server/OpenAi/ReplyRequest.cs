using ManagedSwarm.Engine.Generation;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>A parsed request of either endpoint: what to generate, and in which form to answer.</summary>
internal sealed record ReplyRequest
{
    /// <summary>One per prompt; each yields <see cref="GenerationRequest.Choices"/> replies.</summary>
    public required IReadOnlyList<GenerationRequest> Prompts { get; init; }

    /// <summary>Whether the reply comes as server-sent events.</summary>
    public required bool Stream { get; init; }

    /// <summary>Whether a stream ends with the token counts.</summary>
    public required bool IncludeUsage { get; init; }

    /// <summary>Whether the ids of a stream's tokens are sent, too: to other members only.</summary>
    public bool GivesTokens { get; init; }

    /// <summary>Whether another member began the reply.</summary>
    public bool IsBegun => Prompts[0].Begun is not null;

    /// <summary>Replies to all prompts together.</summary>
    public int ChoiceCount => Prompts.Sum(prompt => prompt.Choices);

    public int PromptTokenCount => Prompts.Sum(prompt => prompt.Prompt.Count);
}
