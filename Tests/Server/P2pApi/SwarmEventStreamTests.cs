using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using ManagedSwarm.Server.P2pApi;
using ManagedSwarm.Tests.Server.P2p;
using ManagedSwarm.Transport.Membership;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Server.P2pApi;

public sealed class SwarmEventStreamTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Begins_with_all_and_goes_on_with_what_happens()
    {
        await using var node = await SwarmServer.StartAsync();
        await using var watcher = await Watcher.StartAsync(node);
        Assert.Equal(node.Swarm.Self.ToString(), (string)(await watcher.NextAsync("snapshot"))["self"]!);
        var member = FakeSwarms.Member("w", MemberState.Suspect, NodeRole.Worker);

        foreach (var kind in Enum.GetValues<SwarmEventKind>())
        {
            node.Swarm.Raise(kind, member);
        }

        foreach (var name in new[] { "joined", "updated", "suspected", "cleared", "lost", "returned", "left", "forgotten" })
        {
            var change = await watcher.NextAsync(name);
            Assert.Equal((name, "1970-01-01T00:00:00Z", "w"), ((string)change["kind"]!, (string)change["at"]!, (string)change["member"]!["name"]!));
            Assert.Equal("suspect", (string)change["member"]!["state"]!);
        }
    }

    [Fact]
    public async Task Shows_all_anew_when_this_node_leaves_or_joins()
    {
        await using var node = await SwarmServer.StartAsync();
        await using var watcher = await Watcher.StartAsync(node);
        await watcher.NextAsync("snapshot");

        await node.Service.LeaveAsync();
        Assert.False((bool)(await watcher.NextAsync("snapshot"))["enabled"]!);
        await node.Service.ChangeAsync(settings => settings with { IsOn = true }, Cancellation);
        Assert.True((bool)(await watcher.NextAsync("snapshot"))["enabled"]!);
        node.Swarm.Raise(SwarmEventKind.Joined, FakeSwarms.Member("w"));
        await watcher.NextAsync("joined");
    }

    /// <summary>A client that does not read costs a queue of bounded length, and learns of the present when it reads again.</summary>
    [Fact]
    public async Task A_client_that_is_too_slow_gets_all_anew()
    {
        await using var node = await SwarmServer.StartAsync();
        await using var watcher = await Watcher.StartAsync(node);
        await watcher.NextAsync("snapshot");
        var member = FakeSwarms.Member(new string('w', 100_000));

        // What waits in sockets is bounded too, so that much more than that must be raised.
        for (var i = 0; i < SwarmEventStream.MaxWaiting * 2; i++)
        {
            node.Swarm.Raise(SwarmEventKind.Updated, member);
        }

        var updates = 0;
        while (await watcher.NextNameAsync() is var name && name != "snapshot")
        {
            Assert.Equal("updated", name);
            updates++;
        }

        Assert.InRange(updates, 0, (SwarmEventStream.MaxWaiting * 2) - 1);
    }

    [Fact]
    public async Task A_client_that_hears_of_nothing_for_long_is_sent_a_comment()
    {
        var time = new WatchedTime();
        await using var node = await SwarmServer.StartAsync(time: time);
        using var response = await node.Http.GetAsync("/api/swarm/events", HttpCompletionOption.ResponseHeadersRead, Cancellation);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));
        Assert.Equal("event: snapshot", await NextLineAsync(reader));
        await time.UntilSetAsync(SwarmEventStream.KeepAliveInterval);

        // News before the time is over begins it anew.
        time.Advance(SwarmEventStream.KeepAliveInterval - TimeSpan.FromTicks(1));
        node.Swarm.Raise(SwarmEventKind.Joined, FakeSwarms.Member("w"));
        Assert.StartsWith("data: ", await NextLineAsync(reader), StringComparison.Ordinal);
        Assert.Equal("event: joined", await NextLineAsync(reader));
        Assert.StartsWith("data: ", await NextLineAsync(reader), StringComparison.Ordinal);
        for (var i = 0; i < 3; i++)
        {
            await time.UntilSetAsync(SwarmEventStream.KeepAliveInterval);
            time.Advance(SwarmEventStream.KeepAliveInterval);
            Assert.Equal(":", await NextLineAsync(reader));
        }
    }

    [Fact]
    public async Task Ends_with_the_server()
    {
        await using var node = await SwarmServer.StartAsync();
        await using var watcher = await Watcher.StartAsync(node);
        await watcher.NextAsync("snapshot");

        var stopped = node.Server.Server.StopAsync();

        Assert.Null(await watcher.NextNameAsync());
        await stopped.WaitAsync(Patience, Cancellation);
    }

    [Fact]
    public async Task Serves_so_many_clients_and_frees_their_places()
    {
        await using var node = await SwarmServer.StartAsync();
        var watchers = new List<Watcher>();
        for (var i = 0; i < SwarmEventStream.MaxClients; i++)
        {
            watchers.Add(await Watcher.StartAsync(node));
            await watchers[^1].NextAsync("snapshot");
        }

        using (var refused = await node.Http.GetAsync("/api/swarm/events", Cancellation))
        {
            var error = await OpenAi.ErrorReply.ReadAsync(refused);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "too_many_watchers"), (error.Status, error.Code));
        }

        foreach (var watcher in watchers)
        {
            await watcher.DisposeAsync();
        }

        while (true)
        {
            // The server hears of it a little later.
            using var response = await node.Http.GetAsync("/api/swarm/events", HttpCompletionOption.ResponseHeadersRead, Cancellation);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                break;
            }

            await Task.Yield();
        }
    }

    [Fact]
    public async Task The_commands_client_reads_it()
    {
        await using var node = await SwarmServer.StartAsync();
        using var client = new SwarmClient(new(IPAddress.Any, node.Http.BaseAddress!.Port), null);
        await using var events = client.WatchAsync(Cancellation).GetAsyncEnumerator(Cancellation);

        Assert.True(await events.MoveNextAsync());
        Assert.True(Assert.IsType<SwarmBody>(events.Current).Enabled);
        node.Swarm.Raise(SwarmEventKind.Lost, FakeSwarms.Member("w"));
        Assert.True(await events.MoveNextAsync());
        Assert.Equal("lost", Assert.IsType<EventBody>(events.Current).Kind);
    }

    /// <summary>The next line that is not empty.</summary>
    private static async Task<string?> NextLineAsync(StreamReader reader)
    {
        while (true)
        {
            if (await reader.ReadLineAsync(Cancellation).AsTask().WaitAsync(Patience, Cancellation) is not "" and var line)
            {
                return line;
            }
        }
    }

    /// <summary>A fake clock that tells when somebody waits for it.</summary>
    private sealed class WatchedTime : FakeTimeProvider
    {
        private readonly Channel<TimeSpan> _set = Channel.CreateUnbounded<TimeSpan>();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _set.Writer.TryWrite(dueTime);
            return timer;
        }

        public async Task UntilSetAsync(TimeSpan dueTime)
        {
            while (await _set.Reader.ReadAsync(Cancellation).AsTask().WaitAsync(Patience, Cancellation) != dueTime)
            {
            }
        }
    }

    /// <summary>A client of the stream.</summary>
    private sealed class Watcher : IAsyncDisposable
    {
        private readonly HttpResponseMessage _response;
        private readonly IAsyncEnumerator<SseItem<string>> _events;

        private Watcher(HttpResponseMessage response, Stream stream)
        {
            _response = response;
            _events = SseParser.Create(stream).EnumerateAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        }

        public static async Task<Watcher> StartAsync(SwarmServer node)
        {
            var response = await node.Http.GetAsync("/api/swarm/events", HttpCompletionOption.ResponseHeadersRead, Cancellation);
            Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
            return new(response, await response.Content.ReadAsStreamAsync(Cancellation));
        }

        public async Task<string?> NextNameAsync() =>
            await _events.MoveNextAsync().AsTask().WaitAsync(Patience, Cancellation) ? _events.Current.EventType : null;

        public async Task<JsonNode> NextAsync(string name)
        {
            Assert.Equal(name, await NextNameAsync());
            return JsonNode.Parse(_events.Current.Data)!;
        }

        public async ValueTask DisposeAsync()
        {
            _response.Dispose();
            await _events.DisposeAsync();
        }
    }
}
