using System.Runtime.CompilerServices;
using System.Threading.Channels;
using ManagedSwarm.Server.Pages.Chat;

namespace ManagedSwarm.Tests.Server.Pages.Chat;

/// <summary>An API whose replies a test says, part by part.</summary>
internal sealed class FakeChatApi(TimeProvider time) : IChatApi
{
    private Channel<ReplyChunk> _reply = Channel.CreateUnbounded<ReplyChunk>();

    /// <summary>What it was asked, oldest first.</summary>
    public List<Conversation> Asked { get; } = [];

    /// <summary>Whether the last request was cancelled.</summary>
    public TaskCompletionSource Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Say(string text) => _reply.Writer.TryWrite(new(time.GetTimestamp(), text));

    public void SayPart(ReplyChunk chunk) => _reply.Writer.TryWrite(chunk);

    /// <summary>Ends the reply.</summary>
    /// <param name="error">Null: as it should.</param>
    public void End(Exception? error = null) => _reply.Writer.TryComplete(error);

    public Task<IReadOnlyList<ChatModel>> ModelsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<ChatModel>>([]);

    public async IAsyncEnumerable<ReplyChunk> ReplyAsync(Conversation conversation, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Asked.Add(conversation);
        var reply = _reply;
        try
        {
            await foreach (var chunk in reply.Reader.ReadAllAsync(cancellationToken))
            {
                yield return chunk;
            }
        }
        finally
        {
            _reply = Channel.CreateUnbounded<ReplyChunk>();
            // Not by a registration: reading ends by one of its own, which may be over before this one's turn.
            if (cancellationToken.IsCancellationRequested)
            {
                Cancelled.TrySetResult();
            }
        }
    }
}
