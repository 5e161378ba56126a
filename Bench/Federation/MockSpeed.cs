namespace ManagedSwarm.Bench.Federation;

/// <summary>How fast a mock instance is.</summary>
/// <param name="TokensPerSecond">Of all its replies together where all places are taken.</param>
/// <param name="PromptTokensPerSecond">Of one prompt.</param>
/// <param name="Places">Replies at once; more wait.</param>
/// <param name="CachedBlocks">Blocks of prompts that are kept, the most recently used ones.</param>
internal sealed record MockSpeed(double TokensPerSecond, double PromptTokensPerSecond, int Places, int CachedBlocks)
{
    public MockSpeed Times(double factor) => this with
    {
        TokensPerSecond = TokensPerSecond * factor,
        PromptTokensPerSecond = PromptTokensPerSecond * factor,
    };
}
