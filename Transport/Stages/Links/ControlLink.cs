using System.Threading.Channels;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Sessions;
using ManagedSwarm.Transport.Stages.Control;

namespace ManagedSwarm.Transport.Stages.Links;

/// <summary>A control stream: messages are posted and go in order, and those that come are told.</summary>
/// <param name="link">Greeted; is this one's from now on.</param>
/// <param name="options">How long the last words may take.</param>
internal sealed class ControlLink(StageLink link, StageOptions options)
{
    /// <summary>Messages that may wait; the other side reads nothing where there are more.</summary>
    private const int MaxWaiting = 1024;

    private readonly Channel<ControlMessage> _outgoing =
        Channel.CreateBounded<ControlMessage>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });

    private Task _sending = Task.CompletedTask;
    private Task _hearing = Task.CompletedTask;

    public PeerId RemotePeer => link.RemotePeer;

    /// <summary>Begins to send and to read.</summary>
    /// <param name="heard">Is told what comes, one message at a time.</param>
    /// <param name="lost">Is told, once, when nothing more comes, and why.</param>
    public void Start(Action<ControlMessage> heard, Action<StageFault> lost)
    {
        _sending = SendAsync();
        _hearing = HearAsync(heard, lost);
    }

    /// <summary>Sends a message, unless the stream is over.</summary>
    public void Post(ControlMessage message)
    {
        if (!_outgoing.Writer.TryWrite(message))
        {
            link.Abort();
        }
    }

    /// <summary>Sends what was posted, waits for the other side's end, and disposes the stream; nobody is told any more.</summary>
    public async Task CloseAsync()
    {
        _outgoing.Writer.TryComplete();
        using var limit = new TimeLimit(options.Close, options.Time, CancellationToken.None);
        try
        {
            await _sending.WaitAsync(limit.Token);
            await link.CloseWriteAsync(limit.Token);
            await _hearing.WaitAsync(limit.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or SwarmException)
        {
            // It does not listen.
        }

        link.Abort();
        await Task.WhenAll(_sending, _hearing);
        await link.DisposeAsync();
    }

    private async Task SendAsync()
    {
        try
        {
            await foreach (var message in _outgoing.Reader.ReadAllAsync())
            {
                ControlCodec.Write(link.Writer, message);
                if (!_outgoing.Reader.TryPeek(out _))
                {
                    await link.Writer.FlushAsync(CancellationToken.None);
                }
            }
        }
        catch (Exception exception) when (exception is SwarmException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The reading side hears of it, too, and tells why.
            link.Abort();
        }
    }

    private async Task HearAsync(Action<ControlMessage> heard, Action<StageFault> lost)
    {
        try
        {
            while (await ReadAsync() is { } message)
            {
                heard(message);
            }

            lost(new StageFault("stream_closed", "it has closed its control stream"));
        }
        catch (Exception exception)
        {
            lost(StageFault.Of(exception));
        }
    }

    private async ValueTask<ControlMessage?> ReadAsync()
    {
        var frame = await link.Reader.ReadAsync(ControlLimits.Small, CancellationToken.None);
        if (frame.IsEmpty)
        {
            return null;
        }

        var message = ControlCodec.Read(frame, ControlLimits.Small);
        link.Reader.Advance();
        return message;
    }
}
