using System.Threading.Channels;
using ManagedSwarm.Server.Pages.Chat.Rendering;

namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>
/// A conversation that somebody has: asks, shows the reply while it comes, stops it, asks for another. To be used in one synchronization
/// context, as a Blazor page has one.
/// </summary>
/// <param name="api">Who is asked.</param>
/// <param name="time">The clock.</param>
internal sealed class ChatSession(IChatApi api, TimeProvider time)
{
    /// <summary>Between two looks at a reply, at least: 20 a second are as smooth as text can be.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

    // A text that is slow to parse may take a tenth of a core.
    private const int RestPerRender = 9;

    private readonly Dictionary<Turn, StreamedMarkdown> _rendered = new(ReferenceEqualityComparer.Instance);
    private CancellationTokenSource? _stop;

    /// <summary>There is something new to see.</summary>
    public event Action? Changed;

    public Conversation Conversation { get; private set; } = Conversation.New();

    /// <summary>The reply that is on its way; null: none.</summary>
    public RunningReply? Running { get; private set; }

    /// <summary>Whether the last reply can be asked for once more.</summary>
    public bool CanRegenerate => Running is null && Conversation.Turns.Count > 0;

    /// <summary>What there is to see of a reply of this conversation.</summary>
    public IReadOnlyList<string> BlocksOf(Turn turn)
    {
        if (!_rendered.TryGetValue(turn, out var markdown))
        {
            _rendered[turn] = markdown = StreamedMarkdown.Of(turn.Text);
        }

        return markdown.Blocks;
    }

    /// <summary>Goes on with another conversation; a reply of this one that is on its way is stopped, and lost.</summary>
    public void Open(Conversation conversation)
    {
        // First: whoever ends now is not to be a part of any conversation.
        Running = null;
        Stop();
        _rendered.Clear();
        Conversation = conversation;
        Changed?.Invoke();
    }

    /// <summary>Changes what the next request is made of.</summary>
    public void Change(Func<Conversation, Conversation> change) => Conversation = change(Conversation);

    /// <summary>Asks, and ends with the reply. What was asked is a part of the conversation at once.</summary>
    /// <returns>False: there is nothing to ask, or a reply is on its way.</returns>
    public Task<bool> SendAsync(string text)
    {
        if (Running is not null || string.IsNullOrWhiteSpace(text))
        {
            return Task.FromResult(false);
        }

        Conversation = Conversation with { Turns = [.. Conversation.Turns, new(TurnRole.User, text.Trim())] };
        return ReplyAsync();
    }

    /// <summary>Asks once more for the last reply, in the place of the one that is there.</summary>
    /// <returns>False: nothing was asked, or a reply is on its way.</returns>
    public Task<bool> RegenerateAsync()
    {
        if (!CanRegenerate)
        {
            return Task.FromResult(false);
        }

        if (Conversation.Turns[^1].Role == TurnRole.Assistant)
        {
            _rendered.Remove(Conversation.Turns[^1]);
            Conversation = Conversation with { Turns = [.. Conversation.Turns.SkipLast(1)] };
        }

        return ReplyAsync();
    }

    /// <summary>Takes back what was asked last, and its reply.</summary>
    /// <returns>What was asked; null: nothing, or a reply is on its way.</returns>
    public string? TakeBack()
    {
        var turns = Conversation.Turns.ToList();
        var last = turns.FindLastIndex(turn => turn.Role == TurnRole.User);
        if (Running is not null || last < 0)
        {
            return null;
        }

        Conversation = Conversation with { Turns = turns[..last] };
        Changed?.Invoke();
        return turns[last].Text;
    }

    /// <summary>Cancels the request of the reply that is on its way; what has come of it stays.</summary>
    public void Stop() => _stop?.Cancel();

    private async Task<bool> ReplyAsync()
    {
        var reply = new RunningReply(Conversation.Model ?? "", time);
        using var stop = new CancellationTokenSource();
        (Running, _stop) = (reply, stop);
        Changed?.Invoke();
        string? error = null;
        try
        {
            await ShowAsync(reply, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // As wished.
        }
        catch (ChatApiException exception)
        {
            error = exception.Message;
        }
        finally
        {
            if (_stop == stop)
            {
                _stop = null;
            }
        }

        // Else another conversation was opened.
        if (Running == reply)
        {
            var (turn, markdown) = reply.End(stop.IsCancellationRequested, error);
            Running = null;
            _rendered[turn] = markdown;
            Conversation = Conversation with { Turns = [.. Conversation.Turns, turn] };
            Changed?.Invoke();
        }

        return true;
    }

    /// <summary>Reads the reply as fast as it comes, and shows it at a pace.</summary>
    private async Task ShowAsync(RunningReply reply, CancellationToken cancellationToken)
    {
        var chunks = Channel.CreateUnbounded<ReplyChunk>(new() { SingleReader = true, SingleWriter = true });
        var conversation = Conversation;
        var reading = Task.Run(() => ReadAsync(conversation, chunks.Writer, cancellationToken), CancellationToken.None);
        // What has come before an error is shown, too.
        while (await chunks.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (chunks.Reader.TryRead(out var chunk))
            {
                reply.Add(chunk);
            }

            var took = reply.Render();
            Changed?.Invoke();
            var rest = took * RestPerRender;
            await Task.WhenAny(reading, Task.Delay(rest > Pace ? rest : Pace, time, CancellationToken.None));
        }

        await reading;
    }

    private async Task ReadAsync(Conversation conversation, ChannelWriter<ReplyChunk> chunks, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var chunk in api.ReplyAsync(conversation, cancellationToken))
            {
                chunks.TryWrite(chunk);
            }
        }
        finally
        {
            chunks.TryComplete();
        }
    }
}
