using System.Runtime.CompilerServices;

namespace ManagedSwarm.Transport.Libp2p.Yamux;

/// <summary>
/// The message that is being built and sent: frames in a pooled buffer, with the channel's room on both sides. One at a time, for whoever
/// is in the writer; it costs no task.
/// </summary>
/// <param name="channel">Where it goes.</param>
/// <param name="buffers">Where it is built.</param>
/// <param name="abort">Gives up what is being sent.</param>
internal sealed class OutgoingMessage(IMessageChannel channel, RentedBuffers buffers, CancellationToken abort)
{
    private byte[]? _buffer;
    private int _end;
    private ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter _send;

    /// <summary>Begins a message.</summary>
    /// <param name="bytes">What its frames will take at most.</param>
    public void Begin(int bytes)
    {
        _buffer = buffers.Rent(channel.HeadRoom + bytes + channel.TailRoom);
        _end = channel.HeadRoom;
    }

    public void Add(in FrameHeader frame)
    {
        frame.Write(_buffer.AsSpan(_end));
        _end += FrameHeader.Size;
    }

    public void Add(ReadOnlySpan<byte> data)
    {
        data.CopyTo(_buffer.AsSpan(_end));
        _end += data.Length;
    }

    /// <summary>Sends it.</summary>
    /// <param name="error">Why it was not sent.</param>
    /// <returns>False: it is under way; <see cref="WhenSent"/> says when it has gone.</returns>
    public bool TrySend(out Exception? error)
    {
        error = null;
        try
        {
            _send = AwaiterOf(channel.SendAsync(_buffer.AsMemory(0, _end + channel.TailRoom), abort));
            if (!_send.IsCompleted)
            {
                return false;
            }
        }
        catch (Exception failure)
        {
            // Thrown by the call itself: nothing is under way.
            Return();
            error = failure;
            return true;
        }

        error = End();
        return true;
    }

    /// <summary>Has somebody told when it has gone, who then calls <see cref="End"/>.</summary>
    public void WhenSent(Action sent) => _send.UnsafeOnCompleted(sent);

    /// <summary>It has gone, or never will.</summary>
    /// <returns>Why it was not sent; null: it was.</returns>
    public Exception? End()
    {
        try
        {
            _send.GetResult();
            return null;
        }
        catch (Exception failure)
        {
            return failure;
        }
        finally
        {
            Return();
        }
    }

    private static ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter AwaiterOf(ValueTask send) =>
        send.ConfigureAwait(false).GetAwaiter();

    private void Return()
    {
        buffers.Return(_buffer!);
        _buffer = null;
    }
}
