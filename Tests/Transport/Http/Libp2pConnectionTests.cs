using System.Net;
using System.Net.Sockets;
using ManagedSwarm.Tests.Transport.Streams;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Http;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace ManagedSwarm.Tests.Transport.Http;

/// <summary>A stream as a server's connection.</summary>
public sealed class Libp2pConnectionTests : IAsyncDisposable
{
    private static readonly Libp2pEndPoint Local = new("/test/http/1.0.0");

    private readonly ManualTimer _timer = new();
    private readonly MemoryMuxStream _client;
    private readonly MemoryMuxStream _stream;
    private readonly Libp2pConnection _connection;

    public Libp2pConnectionTests()
    {
        (_client, _stream) = MemoryMuxStream.Pair(Local.ProtocolId);
        _connection = new(_stream, Local, new() { Time = _timer });
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _connection.DisposeAsync();
    }

    [Fact]
    public void Says_what_a_server_asks()
    {
        Assert.NotEmpty(_connection.ConnectionId);
        Assert.Equal(Local, _connection.LocalEndPoint);
        Assert.Equal(new Libp2pEndPoint(Local.ProtocolId, MemoryNetwork.Peer), _connection.RemoteEndPoint);
        Assert.Equal("libp2p:/test/http/1.0.0", Local.ToString());
        Assert.Equal(AddressFamily.Unspecified, Local.AddressFamily);
        Assert.Equal(_connection.ConnectionId, _connection.Features.GetRequiredFeature<IConnectionIdFeature>().ConnectionId);
        Assert.Same(_connection.Transport, _connection.Features.GetRequiredFeature<IConnectionTransportFeature>().Transport);
        Assert.Equal(_connection.RemoteEndPoint, _connection.Features.GetRequiredFeature<IConnectionEndPointFeature>().RemoteEndPoint);
        Assert.Equal(_connection.ConnectionClosed, _connection.Features.GetRequiredFeature<IConnectionLifetimeFeature>().ConnectionClosed);
        Assert.Same(_connection.Items, _connection.Features.GetRequiredFeature<IConnectionItemsFeature>().Items);
    }

    [Fact]
    public async Task A_client_s_reset_is_heard_while_nobody_reads()
    {
        var closed = Closed();
        _client.Reset();
        await closed;
        await Assert.ThrowsAsync<ConnectionResetException>(async () => await _connection.Transport.Input.ReadAsync(Cancellation));
        await _connection.DisposeAsync();
        Assert.True(_stream.IsDisposed);
    }

    [Fact]
    public async Task A_client_that_closes_its_direction_still_gets_its_answer()
    {
        await _client.WriteAsync(new byte[] { 1 }, Cancellation);
        await _client.CloseWriteAsync(Cancellation);
        var input = await _connection.Transport.Input.ReadAtLeastAsync(2, Cancellation);
        Assert.Equal((1, true), (input.Buffer.Length, input.IsCompleted));
        Assert.False(_connection.ConnectionClosed.IsCancellationRequested);
        await _connection.Transport.Output.WriteAsync(new byte[] { 2 }, Cancellation);
        await _connection.DisposeAsync();
        Assert.True(_connection.ConnectionClosed.IsCancellationRequested);
        Assert.Equal([2], await ReadToEndAsync());
    }

    [Fact]
    public async Task Disposing_waits_for_the_client_so_that_it_gets_the_last_answer()
    {
        await _connection.Transport.Output.WriteAsync(new byte[] { 1, 2, 3 }, Cancellation);
        var disposal = _connection.DisposeAsync().AsTask();
        Assert.Equal([1, 2, 3], await ReadToEndAsync());
        Assert.False(disposal.IsCompleted);
        await _client.WriteAsync(new byte[100_000], Cancellation);
        await _client.CloseWriteAsync(Cancellation);
        await disposal;
        Assert.Equal((false, true), (_client.IsReset, _stream.IsDisposed));
    }

    [Fact]
    public async Task Disposing_does_not_wait_for_ever()
    {
        var disposal = _connection.DisposeAsync().AsTask();
        Assert.Equal(new Libp2pConnectionOptions().LingerTimeout, _timer.DueTime);
        Assert.False(disposal.IsCompleted);
        _timer.Fire();
        await disposal;
        Assert.Equal((true, true), (_client.IsReset, _stream.IsDisposed));
    }

    [Fact]
    public async Task Aborting_resets_the_stream()
    {
        var closed = Closed();
        var reason = new ConnectionAbortedException("because");
        _connection.Abort(reason);
        await closed;
        Assert.True(_client.IsReset);
        Assert.Same(reason, await Assert.ThrowsAsync<ConnectionAbortedException>(async () => await _connection.Transport.Input.ReadAsync(Cancellation)));
        await _connection.DisposeAsync();
        Assert.True(_stream.IsDisposed);
    }

    [Fact]
    public async Task Aborting_is_heard_while_the_reading_ahead_waits()
    {
        // More than is read ahead and than the stream holds: so it waits for the server.
        var sending = _client.WriteAsync(new byte[1 << 20], Cancellation).AsTask();
        var closed = Closed();
        _connection.Abort(new ConnectionAbortedException());
        await closed;
        await Assert.ThrowsAsync<SwarmException>(() => sending);
        await _connection.DisposeAsync();
        Assert.True(_stream.IsDisposed);
    }

    [Fact]
    public async Task A_listener_gives_streams_until_it_is_unbound()
    {
        var network = new MemoryNetwork();
        var factory = new Libp2pConnectionListenerFactory(network);
        await using var listener = await factory.BindAsync(Local, Cancellation);
        Assert.Equal(Local, listener.EndPoint);
        await using var client = network.Dial(Local.ProtocolId);
        var connection = await listener.AcceptAsync(Cancellation);
        Assert.Equal(Local, connection!.LocalEndPoint);

        await using var late = network.Dial(Local.ProtocolId);
        await listener.UnbindAsync(Cancellation);
        Assert.Null(await listener.AcceptAsync(Cancellation));
        Assert.Equal((false, true), (client.IsReset, late.IsReset));
        Assert.Equal("protocol_refused", Assert.Throws<SwarmException>(() => network.Dial(Local.ProtocolId)).Code);

        await client.DisposeAsync();
        await connection.DisposeAsync();
        await late.DisposeAsync();
        await network.NoneOpen;
    }

    [Fact]
    public async Task A_factory_leaves_other_end_points_to_others()
    {
        var factory = new Libp2pConnectionListenerFactory(new MemoryNetwork());
        Assert.True(factory.CanBind(Local));
        Assert.False(factory.CanBind(new Libp2pEndPoint(Local.ProtocolId, MemoryNetwork.Peer)));
        Assert.False(factory.CanBind(new IPEndPoint(IPAddress.Loopback, 0)));
        await Assert.ThrowsAsync<ArgumentException>(async () => await factory.BindAsync(new IPEndPoint(IPAddress.Loopback, 0), Cancellation));
    }

    private Task Closed()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _connection.ConnectionClosed.Register(closed.SetResult);
        return closed.Task;
    }

    private async Task<byte[]> ReadToEndAsync()
    {
        var (bytes, buffer) = (new List<byte>(), new byte[16]);
        for (int count; (count = await _client.ReadAsync(buffer, Cancellation)) > 0;)
        {
            bytes.AddRange(buffer[..count]);
        }

        return [.. bytes];
    }
}
