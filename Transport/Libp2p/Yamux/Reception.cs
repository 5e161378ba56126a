using System.Runtime.CompilerServices;

namespace ManagedSwarm.Transport.Libp2p.Yamux;

/// <summary>
/// What the read loop waits for. A stream's reader that the last message has woken goes on on the loop's thread once the loop waits, which
/// then needs no thread: a message that comes alone is with its reader without waking a second one. Where the next message is there
/// already, the reader has another thread, and the loop goes on.
/// </summary>
/// <param name="receiving">The channel's.</param>
/// <param name="reader">Claimed; null: nobody was woken.</param>
/// <param name="count">What its read returns.</param>
internal readonly struct Reception(ValueTask<ReadOnlyMemory<byte>> receiving, Waiter? reader, int count) : ICriticalNotifyCompletion
{
    private readonly ConfiguredValueTaskAwaitable<ReadOnlyMemory<byte>>.ConfiguredValueTaskAwaiter _awaiter =
        receiving.ConfigureAwait(false).GetAwaiter();

    public bool IsCompleted
    {
        get
        {
            if (!_awaiter.IsCompleted)
            {
                return false;
            }

            reader?.Complete(count);
            return true;
        }
    }

    public Reception GetAwaiter() => this;

    public ReadOnlyMemory<byte> GetResult() => _awaiter.GetResult();

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation)
    {
        // Once it is told, the loop may run on another thread, and this struct be overwritten.
        var (woken, result) = (reader, count);
        _awaiter.UnsafeOnCompleted(continuation);
        woken?.CompleteHere(result);
    }
}
