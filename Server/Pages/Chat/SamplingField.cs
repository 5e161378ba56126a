using System.Globalization;

namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>A setting as a form has it: text that is a number, or empty where it is left to the API.</summary>
/// <param name="Name">By which the API calls it.</param>
/// <param name="Label">What people read.</param>
/// <param name="Range">What the API takes, in words.</param>
/// <param name="Step">Between two numbers: 1 for whole ones.</param>
/// <param name="Get">Its number; null: none.</param>
/// <param name="Set">Puts another number there.</param>
public sealed record SamplingField(
    string Name,
    string Label,
    string Range,
    string Step,
    Func<SamplingSettings, decimal?> Get,
    Func<SamplingSettings, decimal?, SamplingSettings> Set)
{
    /// <summary>All of them, the ones first that are used most.</summary>
    public static readonly IReadOnlyList<SamplingField> All =
    [
        new("temperature", "Temperature", "0 to 2; 0 always takes the likeliest token", "0.1",
            settings => (decimal?)settings.Temperature, (settings, value) => settings with { Temperature = (double?)value }),
        new("max_tokens", "Max tokens", "1 or more; empty: as many as fit", "1",
            settings => settings.MaxTokens, (settings, value) => settings with { MaxTokens = (int?)Whole(value, 0, int.MaxValue) }),
        new("seed", "Seed", "with one, the same request has the same reply", "1",
            settings => settings.Seed, (settings, value) => settings with { Seed = Whole(value, long.MinValue, long.MaxValue) }),
        new("top_p", "Top p", "0 to 1; 1: off", "0.05",
            settings => (decimal?)settings.TopP, (settings, value) => settings with { TopP = (double?)value }),
        new("top_k", "Top k", "0: off", "1",
            settings => settings.TopK, (settings, value) => settings with { TopK = (int?)Whole(value, -1, int.MaxValue) }),
        new("min_p", "Min p", "0 to 1; 0: off", "0.01",
            settings => (decimal?)settings.MinP, (settings, value) => settings with { MinP = (double?)value }),
        new("typical_p", "Typical p", "0 to 1; 1: off", "0.05",
            settings => (decimal?)settings.TypicalP, (settings, value) => settings with { TypicalP = (double?)value }),
        new("repeat_penalty", "Repeat penalty", "1: off", "0.05",
            settings => (decimal?)settings.RepeatPenalty, (settings, value) => settings with { RepeatPenalty = (double?)value }),
        new("presence_penalty", "Presence penalty", "-2 to 2; 0: off", "0.1",
            settings => (decimal?)settings.PresencePenalty, (settings, value) => settings with { PresencePenalty = (double?)value }),
        new("frequency_penalty", "Frequency penalty", "-2 to 2; 0: off", "0.1",
            settings => (decimal?)settings.FrequencyPenalty, (settings, value) => settings with { FrequencyPenalty = (double?)value }),
    ];

    /// <summary>Its number as a form shows it.</summary>
    public string TextOf(SamplingSettings settings) => Get(settings)?.ToString(CultureInfo.InvariantCulture) ?? "";

    /// <summary>Takes what somebody has typed; what is no number is none. Whether a number is allowed, the API says.</summary>
    public SamplingSettings Read(SamplingSettings settings, string? text) =>
        Set(settings, decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null);

    private static long? Whole(decimal? value, long least, long most) => value is { } number ? (long)Math.Clamp(decimal.Truncate(number), least, most) : null;
}
