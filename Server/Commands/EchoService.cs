using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Server.Commands;

/// <summary>Sends back what peers send, so many streams at once.</summary>
internal sealed class EchoService : IAsyncDisposable
{
    private const int MaxStreams = 64;
    private const int ChunkBytes = 64 << 10;

    private readonly IStreamListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    private EchoService(IStreamListener listener)
    {
        _listener = listener;
        _serving = ServeAsync();
    }

    /// <summary>Its protocol id in a swarm, or without one.</summary>
    public static string IdFor(SwarmToken? token) =>
        token is null ? "/managedswarm/echo/1.0.0" : new SwarmKeys(token).ProtocolId("echo/1.0.0");

    /// <summary>Serves from now on.</summary>
    /// <exception cref="SwarmException"><c>protocol_taken</c></exception>
    public static EchoService Start(IStreamListenerSource source, SwarmToken? token) => new(source.Listen(IdFor(token)));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _listener.DisposeAsync();
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var running = new List<Task>();
        while (await _listener.AcceptAsync() is { } stream)
        {
            running.Add(EchoAsync(stream));
            if (running.Count == MaxStreams)
            {
                await Task.WhenAny(running);
            }

            running.RemoveAll(task => task.IsCompleted);
        }

        await Task.WhenAll(running);
    }

    private async Task EchoAsync(IMuxStream stream)
    {
        await using (stream)
        {
            try
            {
                var buffer = new byte[ChunkBytes];
                for (int count; (count = await stream.ReadAsync(buffer, _stop.Token)) > 0;)
                {
                    await stream.WriteAsync(buffer.AsMemory(0, count), _stop.Token);
                }

                await stream.CloseWriteAsync(_stop.Token);
            }
            catch (Exception exception) when (exception is SwarmException or OperationCanceledException)
            {
                // The peer is gone, or this one is to be.
            }
        }
    }
}
