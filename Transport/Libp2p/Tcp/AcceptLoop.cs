using System.Net;
using System.Net.Sockets;

namespace ManagedSwarm.Transport.Libp2p.Tcp;

/// <summary>One listening socket: accepts connections and has so many of them in their handshakes at once, no more.</summary>
internal sealed class AcceptLoop : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly TcpListenOptions _options;
    private readonly Func<Socket, CancellationToken, Task> _handle;
    private readonly Action<SwarmException> _report;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task[] _handshakes;
    private readonly Task _loop;

    /// <param name="address">Where to listen; port 0 takes a free one.</param>
    /// <param name="handle">Takes a socket and ends when its handshake has.</param>
    /// <param name="report">Hears of connections that came to nothing.</param>
    /// <exception cref="SwarmException"><c>listen_failed</c></exception>
    public AcceptLoop(IPEndPoint address, TcpListenOptions options, Func<Socket, CancellationToken, Task> handle, Action<SwarmException> report)
    {
        (_options, _handle, _report) = (options, handle, report);
        _handshakes = new Task[options.MaxHandshakes];
        Array.Fill(_handshakes, Task.CompletedTask);
        _socket = Listen(address, options.Backlog);
        EndPoint = (IPEndPoint)_socket.LocalEndPoint!;
        _loop = RunAsync(_stopping.Token);
    }

    /// <summary>Where it listens, with its real port.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Stops accepting, gives up the handshakes under way and waits for them.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_stopping.IsCancellationRequested)
        {
            await _stopping.CancelAsync();
            _socket.Dispose();
            await _loop;
            await Task.WhenAll(_handshakes);
            _stopping.Dispose();
        }
    }

    private static Socket Listen(IPEndPoint address, int backlog)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(address);
            socket.Listen(backlog);
            return socket;
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new SwarmException("listen_failed", $"Cannot listen on {address}: {exception.Message}", exception);
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        try
        {
            while (true)
            {
                var place = await FindPlaceAsync(cancellationToken);
                if (await AcceptAsync(cancellationToken) is { } socket)
                {
                    _handshakes[place] = HandleAsync(socket, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private async ValueTask<int> FindPlaceAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var place = Array.FindIndex(_handshakes, task => task.IsCompleted);
            if (place >= 0)
            {
                return place;
            }

            await Task.WhenAny(_handshakes).WaitAsync(cancellationToken);
        }
    }

    private async ValueTask<Socket?> AcceptAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _socket.AcceptAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _report(new SwarmException("accept_failed", $"Cannot accept a connection on {EndPoint}: {exception.Message}", exception));

            // Mostly too many open files: it does not help to try again at once.
            await Task.Delay(_options.AcceptRetryDelay, _options.TimeProvider, cancellationToken);
            return null;
        }
    }

    private async Task HandleAsync(Socket socket, CancellationToken cancellationToken)
    {
        try
        {
            await _handle(socket, cancellationToken);
        }
        catch (SwarmException exception)
        {
            _report(exception);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopped.
        }
        catch (Exception exception)
        {
            // A mistake of ours, which must neither stop the loop nor be lost.
            _report(new SwarmException("internal_error", $"A connection accepted on {EndPoint} was not handled: {exception.Message}", exception));
        }
    }
}
