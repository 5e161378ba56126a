using ManagedSwarm.Bench.Reports;

namespace ManagedSwarm.Bench.Streams;

/// <summary>All stacks measured in turns, message size by message size, another stack first in each round.</summary>
internal sealed class StreamsContest(StreamServerProcess server)
{
    /// <summary>Bytes of the messages of which all is measured.</summary>
    public const int MainMessage = 16 * 1024;

    public const string OneWayRate = "one way";
    public const string OneWayAllocation = "one way, bytes per message";
    public const string PingPongAllocation = "ping-pong, bytes per message";
    public const string Opened = "streams opened";
    public const string Echoed = "streams echoed";
    public const string Connected = "connected";
    public const string ConnectionHeap = "heap per connection";
    public const string ConnectionMemory = "memory per connection";

    private const int OneWayMessages = 64 * 1024;
    private const int WarmUp = 1000;

    /// <summary>Bytes of messages.</summary>
    public static IReadOnlyList<int> Messages { get; } = [4 * 1024, MainMessage, 64 * 1024];

    public Figures Figures { get; } = new();

    public static string Median(int bytes) => $"p50 of {bytes}";

    public static string Late(int bytes) => $"p99 of {bytes}";

    public async Task RunAsync(int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            Progress.Say($"round {round + 1} of {rounds}");
            await RunRoundAsync(round);
        }
    }

    private async Task RunRoundAsync(int round)
    {
        var clients = StackNames.All.ToDictionary(stack => stack, stack => new StackClient(stack, server.Addresses));
        await Task.WhenAll(clients.Values.Select(client => client.ConnectAsync()));
        foreach (var bytes in Messages)
        {
            foreach (var stack in Turns(round))
            {
                await MeasureRoundTripsAsync(stack, clients[stack], bytes);
            }
        }

        foreach (var stack in Turns(round))
        {
            await MeasureOneWayAsync(stack, clients[stack]);
        }

        foreach (var stack in StackNames.Muxed)
        {
            await MeasureStreamsAsync(stack, clients[stack]);
        }

        await Task.WhenAll(clients.Values.Select(client => client.DisposeAsync().AsTask()));
        foreach (var stack in StackNames.Muxed)
        {
            await MeasureConnectionsAsync(stack);
        }
    }

    private static IEnumerable<Stack> Turns(int round) => StackNames.All.Select((_, i) => StackNames.All[(round + i) % StackNames.All.Count]);

    private async Task MeasureRoundTripsAsync(Stack stack, StackClient client, int bytes)
    {
        var count = bytes > MainMessage ? 2000 : 5000;
        var pingPong = new PingPong(bytes, count);
        var wire = await client.OpenAsync(bytes);
        await new PingPong(bytes, WarmUp).RunAsync(wire);
        var allocated = await Allocation.PerMessageAsync(server, 2 * count, () => pingPong.RunAsync(wire));
        await wire.CloseAsync();
        Figures.Add(stack, Median(bytes), pingPong.Percentile(0.5));
        Figures.Add(stack, Late(bytes), pingPong.Percentile(0.99));
        Progress.Say($"  {stack.Name()}, {bytes} B there and back: {Rounds.Digits(pingPong.Percentile(0.5))} µs");
        if (bytes == MainMessage)
        {
            Figures.Add(stack, PingPongAllocation, allocated);
        }
    }

    private async Task MeasureOneWayAsync(Stack stack, StackClient client)
    {
        var wire = await client.OpenAsync(blockBytes: 0);
        var rate = 0.0;
        var allocated = await Allocation.PerMessageAsync(
            server, OneWayMessages, async () => rate = await OneWay.RunAsync(wire, MainMessage, OneWayMessages));
        Figures.Add(stack, OneWayRate, rate / 1e9);
        Figures.Add(stack, OneWayAllocation, allocated);
        Progress.Say($"  {stack.Name()}, one way: {Rounds.Digits(rate / 1e9)} GB/s");
    }

    private async Task MeasureStreamsAsync(Stack stack, StackClient client)
    {
        var (opened, echoed) = await ManyStreams.RunAsync(client);
        Figures.Add(stack, Opened, opened);
        Figures.Add(stack, Echoed, echoed);
        Progress.Say($"  {stack.Name()}, {ManyStreams.Count} streams: {Rounds.Digits(echoed)} ms");
    }

    private async Task MeasureConnectionsAsync(Stack stack)
    {
        var connections = await ManyConnections.RunAsync(stack);
        Figures.Add(stack, Connected, connections.Milliseconds);
        Figures.Add(stack, ConnectionHeap, connections.Heap / 1024);
        Figures.Add(stack, ConnectionMemory, connections.Anonymous / 1024);
        Progress.Say($"  {stack.Name()}, {ManyConnections.Count} connections: {Rounds.Digits(connections.Milliseconds)} ms");
    }
}
