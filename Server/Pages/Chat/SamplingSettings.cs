using System.Text.Json.Serialization;

namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>How tokens are chosen, by the names that the API has for it; what is null is left to the API.</summary>
public sealed record SamplingSettings
{
    public double? Temperature { get; init; }

    public double? TopP { get; init; }

    public int? TopK { get; init; }

    public double? MinP { get; init; }

    public double? TypicalP { get; init; }

    public double? RepeatPenalty { get; init; }

    public double? PresencePenalty { get; init; }

    public double? FrequencyPenalty { get; init; }

    public int? MaxTokens { get; init; }

    public long? Seed { get; init; }

    /// <summary>Whether nothing is set.</summary>
    [JsonIgnore]
    public bool IsDefault => this == new SamplingSettings();
}
