using ManagedSwarm.Server.Pages.Chat.Rendering;

namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>A reply that is on its way: its text so far, and the clock beside it. One thread at a time.</summary>
/// <param name="model">Who replies.</param>
/// <param name="time">The clock.</param>
internal sealed class RunningReply(string model, TimeProvider time)
{
    private readonly long _asked = time.GetTimestamp();
    private readonly StreamedMarkdown _markdown = new();
    private IReadOnlyList<ReplyNode> _nodes = [];
    private ChunkUsage? _usage;
    private string? _finish;
    private long? _first;
    private long _last;
    private int _parts;

    public string Model => model;

    /// <summary>Whether there is any text.</summary>
    public bool HasBegun => _first is not null;

    /// <summary>What there is to see of it.</summary>
    public IReadOnlyList<string> Blocks => _markdown.Blocks;

    /// <summary>Takes a part of it; <see cref="Render"/> makes it be seen.</summary>
    public void Add(ReplyChunk chunk)
    {
        if (chunk.Text.Length > 0)
        {
            _first ??= chunk.At;
            _last = chunk.At;
            _parts++;
            _markdown.Append(chunk.Text);
        }

        _finish = chunk.Finish ?? _finish;
        _usage = chunk.Usage ?? _usage;
        _nodes = chunk.Nodes ?? _nodes;
    }

    /// <summary>Makes what has come be seen.</summary>
    /// <returns>How long that took.</returns>
    public TimeSpan Render()
    {
        var began = time.GetTimestamp();
        _markdown.Render();
        return time.GetElapsedTime(began);
    }

    /// <summary>It is over.</summary>
    /// <param name="isStopped">Whether who reads it has stopped it.</param>
    /// <param name="error">Why it broke off; null: it did not.</param>
    public (Turn Turn, StreamedMarkdown Markdown) End(bool isStopped = false, string? error = null)
    {
        _markdown.Finish();
        var end = error is not null ? ReplyEnd.Failed : isStopped ? ReplyEnd.Stopped : _finish == "length" ? ReplyEnd.Length : ReplyEnd.Stop;
        var tokens = _usage?.CompletionTokens ?? (_parts > 0 ? _parts : null);
        var facts = new ReplyFacts(
            model,
            end,
            _usage?.PromptTokens,
            tokens,
            _usage is not null,
            _first is { } first ? time.GetElapsedTime(_asked, first).TotalSeconds : null,
            RateOf(tokens),
            _nodes,
            error);
        return (new(TurnRole.Assistant, _markdown.Text, facts), _markdown);
    }

    /// <summary>The first one came after the prompt: the others are what the time between is of.</summary>
    private double? RateOf(int? tokens) =>
        _first is { } first && tokens > 1 && time.GetElapsedTime(first, _last) is var span && span > TimeSpan.Zero ? (tokens - 1) / span.TotalSeconds : null;
}
