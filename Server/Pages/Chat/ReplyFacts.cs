namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>What is known of a reply that is over, measured where it was read.</summary>
/// <param name="Model">Who replied.</param>
/// <param name="End">Why it is over.</param>
/// <param name="PromptTokens">As the API counted them; null: it did not come to that.</param>
/// <param name="Tokens">Of the reply; null: none came.</param>
/// <param name="IsCounted">Whether the API has counted them; else they are the parts that came, of a token each as a rule.</param>
/// <param name="FirstTokenSeconds">From the request to the first text; null: none came.</param>
/// <param name="TokensPerSecond">From the first to the last text; null: there is no such time.</param>
/// <param name="Nodes">Who has computed it, in the order of the layers; none: not known.</param>
/// <param name="Error">The API's message; null: it did not fail.</param>
public sealed record ReplyFacts(
    string Model,
    ReplyEnd End,
    int? PromptTokens,
    int? Tokens,
    bool IsCounted,
    double? FirstTokenSeconds,
    double? TokensPerSecond,
    IReadOnlyList<ReplyNode> Nodes,
    string? Error = null);
