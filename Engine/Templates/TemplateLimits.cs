namespace ManagedSwarm.Engine.Templates;

/// <summary>What one rendering may use. A template comes from a file that nobody has read, so everything it can ask for has an end.</summary>
internal sealed record TemplateLimits
{
    public static TemplateLimits Default { get; } = new();

    /// <summary>
    /// Evaluated nodes, visited elements, and text looked at (one step per 64 characters). A message of a long chat costs a few hundred;
    /// five million take about a second.
    /// </summary>
    public long MaxSteps { get; init; } = 5_000_000;

    /// <summary>Characters of any one text, the result included.</summary>
    public int MaxOutput { get; init; } = 16 * 1024 * 1024;

    /// <summary>Characters of all texts made on the way; a prompt is copied some five times before it is rendered.</summary>
    public long MaxText { get; init; } = 128L * 1024 * 1024;

    /// <summary>Nested evaluations: a macro that calls itself uses about six per level.</summary>
    public int MaxDepth { get; init; } = 1000;

    /// <summary>Elements of a <c>range()</c>; the sandbox of Jinja has the same limit.</summary>
    public const int MaxRange = 100_000;

    /// <summary>Bits of an integer: a little more than the 4300 digits that Python prints.</summary>
    public const int MaxIntegerBits = 16_384;

    /// <summary>Nested brackets and blocks in a template's text.</summary>
    public const int MaxNesting = 200;

    /// <summary>Characters of a template's text; the longest known chat template has some 30,000.</summary>
    public const int MaxSource = 4 * 1024 * 1024;
}
