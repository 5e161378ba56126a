using System.Threading.Channels;
using ManagedSwarm.Engine.Tokenization;

namespace ManagedSwarm.Engine.Generation;

/// <summary>A request that was taken in: its sequences, its replies, and the channel to whoever asked.</summary>
internal sealed class ActiveRequest : SequenceGroup
{
    private readonly Channel<GenerationEvent> _events;
    private readonly Reply[] _replies;

    /// <param name="request">Validated.</param>
    /// <param name="maxTokens">Tokens that each choice may generate.</param>
    /// <param name="tokenizer">For the tokens' bytes.</param>
    /// <param name="submitted">When it came: a <see cref="TimeProvider"/>'s timestamp.</param>
    public ActiveRequest(GenerationRequest request, int maxTokens, Tokenizer tokenizer, long submitted)
        : base(request.Prompt, maxTokens, request.Choices)
    {
        Submitted = submitted;
        Emit = Write;
        _replies = [.. Enumerable.Range(0, request.Choices).Select(choice => new Reply(request, choice, maxTokens, tokenizer))];

        // Without a bound, so that a slow reader cannot hold up the others; max_tokens bounds it all the same.
        // The reader's code never runs on the writer's thread.
        _events = Channel.CreateUnbounded<GenerationEvent>(new UnboundedChannelOptions
        {
            SingleReader = true,
            SingleWriter = false,
            AllowSynchronousContinuations = false,
        });
        GoOnWith(request.Begun?.Tokens ?? []);
    }

    /// <summary>When it came.</summary>
    public long Submitted { get; }

    /// <summary>When its first token was chosen; null: not yet.</summary>
    public long? FirstToken { get; set; }

    public ChannelReader<GenerationEvent> Events => _events.Reader;

    /// <summary>Tells whoever asked; one delegate for all tokens.</summary>
    public Action<GenerationEvent> Emit { get; }

    /// <summary>Ends it where another generator had said all of its reply.</summary>
    /// <returns>Whether that is so.</returns>
    public bool TryEnd()
    {
        var isOver = _replies.All(reply => reply.TryEnd(Emit));
        if (isOver)
        {
            Complete();
        }

        return isOver;
    }

    public Reply ReplyOf(Sequence sequence) => _replies[sequence.Choice];

    /// <summary>Nothing more will come; with an error, reading ends in it.</summary>
    public void Complete(Exception? error = null) => _events.Writer.TryComplete(error);

    // As after a restart: there is a reply, and the stages know nothing of it.
    private void GoOnWith(IReadOnlyList<int> tokens)
    {
        foreach (var token in tokens)
        {
            Leader.Append(token);
        }

        if (tokens.Count > 0)
        {
            WaitAgain();
        }
    }

    private void Write(GenerationEvent generationEvent) => _events.Writer.TryWrite(
        generationEvent is ChoiceFinished finished ? finished with { CachedTokens = CachedTokens } : generationEvent);
}
