using System.Net;
using System.Security.Cryptography;
using ManagedSwarm.Transport.Libp2p.Sessions;

namespace ManagedSwarm.Transport.Discovery.Mdns;

/// <summary>Puts a link on a socket and a clock.</summary>
/// <param name="socket">Its own from now on.</param>
/// <param name="context">The link's.</param>
/// <param name="time">The clock.</param>
/// <param name="found">Hears of each peer.</param>
internal sealed class MdnsParticipant(IMdnsSocket socket, MdnsLinkContext context, TimeProvider time, Action<DiscoveredPeer> found)
    : IMdnsOutput
{
    // A timer's limit is higher; the clock may be set meanwhile.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly long _start = time.GetTimestamp();
    private readonly Queue<(byte[] Message, IPEndPoint? To)> _unsent = [];

    private TimeSpan Now => time.GetElapsedTime(_start);

    private DateTime UtcNow => time.GetUtcNow().UtcDateTime;

    /// <summary>Takes part until it is cancelled; says goodbye.</summary>
    /// <exception cref="SwarmException"><c>mdns_failed</c>: the socket no longer works.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var owned = socket;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var link = new MdnsLink(context, this, RandomNumberGenerator.GetInt32(int.MaxValue), DateOnly.FromDateTime(UtcNow), Now);
        var receiving = socket.ReceiveAsync(ended.Token).AsTask();
        try
        {
            while (true)
            {
                await WaitAsync(receiving, link.NextTick, cancellationToken);
                if (receiving.IsCompleted)
                {
                    link.Receive(await receiving, Now);
                    receiving = socket.ReceiveAsync(ended.Token).AsTask();
                }

                link.SetDay(DateOnly.FromDateTime(UtcNow), Now);
                link.Tick(Now);
                await SendAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await LeaveAsync(link);
        }
        finally
        {
            await ended.CancelAsync();
            await receiving.ContinueWith(
                static received => _ = received.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    void IMdnsOutput.Send(byte[] message, IPEndPoint? to) => _unsent.Enqueue((message, to));

    void IMdnsOutput.Found(DiscoveredPeer peer) => found(peer);

    /// <summary>Waits for a packet or a time.</summary>
    private async Task WaitAsync(Task receiving, TimeSpan until, CancellationToken cancellationToken)
    {
        var midnight = UtcNow.Date.AddDays(1) - UtcNow;
        var wait = TimeSpan.FromTicks(Math.Min(Math.Min((until - Now).Ticks, midnight.Ticks), LongestWait.Ticks));
        if (wait > TimeSpan.Zero && !receiving.IsCompleted)
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(receiving, Task.Delay(wait, time, over.Token));
            await over.CancelAsync();
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        while (_unsent.TryDequeue(out var next))
        {
            await socket.SendAsync(next.Message, next.To, cancellationToken);
        }
    }

    private async Task LeaveAsync(MdnsLink link)
    {
        using var limit = new TimeLimit(context.Timing.GoodbyeTimeout, time, CancellationToken.None);
        try
        {
            link.Leave();
            await SendAsync(limit.Token);
        }
        catch (SwarmException)
        {
            // The interface went first.
        }
        catch (OperationCanceledException)
        {
        }
    }
}
