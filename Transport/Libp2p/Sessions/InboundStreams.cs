using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p.Multistream;
using ManagedSwarm.Transport.Libp2p.Yamux;

namespace ManagedSwarm.Transport.Libp2p.Sessions;

/// <summary>
/// The streams that the other side of a connection opens: agrees on their protocols, so many at once, and hands them to whoever serves
/// them.
/// </summary>
internal sealed class InboundStreams(PeerConnection connection, YamuxConnection yamux, PeerContext context) : IDisposable
{
    private readonly SemaphoreSlim _places = new(context.Options.Limits.Negotiations);
    private readonly RunningTasks _tasks = new();

    /// <summary>Ends with the connection, when the handlers have.</summary>
    public async Task RunAsync()
    {
        while (true)
        {
            await _places.WaitAsync();
            if (await yamux.AcceptAsync() is not { } stream)
            {
                break;
            }

            _tasks.Add(ServeAsync(new PeerStream(stream, connection.RemotePeer)));
        }

        await _tasks.WhenEmptyAsync();
    }

    public void Dispose() => _places.Dispose();

    private async Task ServeAsync(PeerStream stream)
    {
        try
        {
            var handler = await NegotiateAsync(stream);
            await handler(stream, connection, context.Stopping);
        }
        catch (SwarmException exception)
        {
            stream.Reset();
            TransportLog.StreamFailed(context.Options.Logger, stream.RemotePeer, stream.ProtocolId, exception.Code, exception.Message);
        }
        catch (OperationCanceledException exception)
        {
            stream.Reset();
            TransportLog.StreamFailed(context.Options.Logger, stream.RemotePeer, stream.ProtocolId, "timeout", exception.Message);
        }
        catch (Exception exception)
        {
            stream.Reset();
            TransportLog.StreamBroken(context.Options.Logger, exception, stream.RemotePeer, stream.ProtocolId);
        }
    }

    private async Task<StreamHandler> NegotiateAsync(PeerStream stream)
    {
        var (limit, protocols) = (context.Options.Timeouts.Negotiation, context.Protocols);
        using var time = new TimeLimit(limit, context.Options.Time, context.Stopping);
        try
        {
            var served = default(StreamHandler);
            stream.ProtocolId = await MultistreamListener.SelectAsync(
                new StreamDuplex(stream), id => (served = protocols.Find(id)) is not null, time.Token);
            return served!;
        }
        catch (OperationCanceledException) when (time.IsOver)
        {
            throw new SwarmException("negotiation_timeout", $"No protocol was agreed on within {limit.TotalSeconds} s.");
        }
        finally
        {
            _places.Release();
        }
    }
}
