using System.Text;
using System.Text.Json;

namespace ManagedSwarm.Server.Drills;

/// <summary>A streamed reply: all that was said, and when.</summary>
/// <param name="asked">When the request was sent.</param>
internal sealed class DrillReply(long asked)
{
    private readonly StringBuilder _text = new();
    private readonly List<string> _tokens = [];
    private readonly List<long> _came = [];
    private string? _usage;

    /// <summary>Tokens so far.</summary>
    public int Count => _tokens.Count;

    /// <summary>When each of them came.</summary>
    public IReadOnlyList<long> Came => _came;

    public string Text => _text.ToString();

    /// <summary>Why it has no end; null: it has.</summary>
    public string? Error { get; set; }

    /// <summary>Takes an event of the stream.</summary>
    /// <param name="json">Its data.</param>
    /// <param name="now">The time.</param>
    public void Add(string json, long now)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        if (root.TryGetProperty("error", out var error))
        {
            Error = error.TryGetProperty("message", out var message) ? message.GetString() : error.GetRawText();
            return;
        }

        _usage = root.TryGetProperty("usage", out var usage) && usage.ValueKind == JsonValueKind.Object ? usage.GetRawText() : _usage;
        foreach (var choice in root.GetProperty("choices").EnumerateArray())
        {
            _text.Append(choice.GetProperty("text").GetString());
            if (choice.TryGetProperty("logprobs", out var logProbs) && logProbs.ValueKind == JsonValueKind.Object)
            {
                AddTokens(logProbs, now);
            }
        }
    }

    /// <summary>Whether both have come to their ends and say the same: text, tokens, their log-probabilities to the last digit, usage.</summary>
    public bool IsSameAs(DrillReply other) =>
        (Error, other.Error) is (null, null) && Text == other.Text && _usage == other._usage && _tokens.SequenceEqual(other._tokens);

    /// <summary>The longest wait for a token behind one, and for the first, where that is asked for.</summary>
    /// <param name="at">Tokens that had come; 0: none, the wait began with the request.</param>
    /// <param name="time">The clock.</param>
    /// <returns>Null: no token has come.</returns>
    public TimeSpan? LongestGap(int at, TimeProvider time) =>
        Gaps(time).Skip(at) is var gaps && gaps.Any() ? gaps.Max() : null;

    /// <summary>From the request to the first token; null: none has come.</summary>
    public TimeSpan? ToFirst(TimeProvider time) => _came.Count == 0 ? null : time.GetElapsedTime(asked, _came[0]);

    /// <summary>The usual wait from one token to the next; null: there were none.</summary>
    public TimeSpan? MedianGap(TimeProvider time)
    {
        TimeSpan[] sorted = [.. Gaps(time).Skip(1).Order()];
        return sorted.Length == 0 ? null : sorted[sorted.Length / 2];
    }

    /// <summary>The first is from the request to the first token.</summary>
    private IEnumerable<TimeSpan> Gaps(TimeProvider time) => _came.Zip(_came.Prepend(asked), (came, before) => time.GetElapsedTime(before, came));

    private void AddTokens(JsonElement logProbs, long now)
    {
        var texts = logProbs.GetProperty("tokens").EnumerateArray();
        var values = logProbs.GetProperty("token_logprobs").EnumerateArray();
        foreach (var (text, value) in texts.Zip(values))
        {
            _tokens.Add($"{text.GetString()} {value.GetRawText()}");
            _came.Add(now);
        }
    }
}
