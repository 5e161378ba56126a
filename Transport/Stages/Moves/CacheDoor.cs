using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Sessions;
using ManagedSwarm.Transport.Stages.Links;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Transport.Stages.Moves;

/// <summary>Takes the streams that others open to read keys and values of this node's stages. Safe for use by many threads.</summary>
internal sealed class CacheDoor : IAsyncDisposable
{
    private readonly OwnStreams _own;
    private readonly StageOptions _options;
    private readonly IStreamListener _listener;
    private readonly string _protocol;
    private readonly Lock _gate = new();
    private readonly Dictionary<Attachment, CacheGiver> _givers = [];
    private readonly RunningTasks _tasks = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    /// <exception cref="SwarmException"><c>protocol_taken</c></exception>
    public CacheDoor(ILocalPeer peer, SwarmKeys keys, OwnStreams own, StageOptions options)
    {
        (_own, _options, _protocol) = (own, options, StageProtocols.Id(keys, StageProtocols.Cache));
        _listener = peer.Listen(_protocol);
        _accepting = AcceptAsync();
        own.Listen(_protocol, stream => _tasks.Add(ServeAsync(new StageLink(stream))));
    }

    /// <summary>From now on others may read.</summary>
    public void Open(CacheGiver giver)
    {
        lock (_gate)
        {
            _givers[giver.Target] = giver;
        }
    }

    /// <summary>Nobody may any more.</summary>
    public void Close(CacheGiver giver)
    {
        lock (_gate)
        {
            if (_givers.GetValueOrDefault(giver.Target) == giver)
            {
                _givers.Remove(giver.Target);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _own.Close(_protocol);
        await _listener.DisposeAsync();
        await _stop.CancelAsync();
        await _accepting;
        await _tasks.WhenEmptyAsync();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (await _listener.AcceptAsync() is { } stream)
        {
            if (_tasks.Count < _options.Greetings)
            {
                _tasks.Add(ServeAsync(new StageLink(stream)));
            }
            else
            {
                await stream.DisposeAsync();
            }
        }
    }

    /// <summary>Until the stream is a giver's, or refused.</summary>
    private async Task ServeAsync(StageLink link)
    {
        using var limit = new TimeLimit(_options.Handshake, _options.Time, _stop.Token);
        try
        {
            await link.GreetAsync(StageProtocols.Cache, limit.Token);
            var target = await link.ReadAsync(Attachment.Limits, Attachment.Read, limit.Token);
            if (Attach(target, link) is not { } refusal)
            {
                return;
            }

            Attachment.WriteAnswer(link.Writer, refusal);
            await link.Writer.FlushAsync(limit.Token);
            throw refusal.ToException();
        }
        catch (Exception exception) when (exception is SwarmException or OperationCanceledException or IOException)
        {
            TransportLog.StreamFailed(
                _options.Logger, link.RemotePeer, StageProtocols.Cache.Protocol, StageFault.Of(exception).Code, exception.Message);
            await link.FinishAsync(limit.Token);
            link.Abort();
            await link.DisposeAsync();
        }
    }

    private StageFault? Attach(Attachment target, StageLink link)
    {
        CacheGiver? giver;
        lock (_gate)
        {
            giver = _givers.GetValueOrDefault(target);
        }

        return giver is null
            ? new("unknown_plan", $"{link.RemotePeer} has nothing to take from stage {target.Stage} of plan {target.Plan} in epoch {target.Epoch}")
            : giver.Take(link);
    }
}
