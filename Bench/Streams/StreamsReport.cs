using ManagedSwarm.Bench.Reports;

namespace ManagedSwarm.Bench.Streams;

/// <summary>The figures as tables, what is asked beside them.</summary>
internal sealed class StreamsReport(Figures figures)
{
    private const double MostAllocation = 256;

    public void AddTo(Report report)
    {
        report.AddSection("Round trips");
        report.AddTable(RoundTrips());
        report.AddSection("One way, 16 KiB writes");
        report.AddTable(OneWayTable());
        report.AddSection("Allocated per 16 KiB message, sender and receiver together");
        report.AddTable(AllocationTable());
        report.AddSection($"{ManyStreams.Count} streams of one connection, {ManyConnections.Count} connections of one peer");
        report.AddTable(ManyTable());
    }

    private MarkdownTable RoundTrips()
    {
        var table = new MarkdownTable("message", "stack", "p50, µs", "p99, µs", "p50 / raw TCP's", "p99 / raw TCP's", "asked of p50");
        foreach (var bytes in StreamsContest.Messages)
        {
            foreach (var stack in StackNames.All)
            {
                var (median, late) = (StreamsContest.Median(bytes), StreamsContest.Late(bytes));
                var ratio = figures.Ratio(stack, median);
                table.Add(
                    $"{bytes / 1024} KiB",
                    stack.Name(),
                    figures.Of(stack, median).ToString(),
                    figures.Of(stack, late).ToString(),
                    stack == Stack.RawTcp ? "" : $"**{ratio}**",
                    stack == Stack.RawTcp ? "" : figures.Ratio(stack, late).ToString(),
                    bytes == StreamsContest.MainMessage && MostRatio(stack) is { } most ? AtMost(ratio.Median, most) : "");
            }
        }

        return table;
    }

    private MarkdownTable OneWayTable()
    {
        var table = new MarkdownTable("stack", "GB/s", "of raw TCP's", "asked");
        foreach (var stack in StackNames.All)
        {
            var rate = figures.Of(stack, StreamsContest.OneWayRate);
            table.Add(
                stack.Name(),
                $"**{rate}**",
                stack == Stack.RawTcp ? "" : figures.Ratio(stack, StreamsContest.OneWayRate).ToString(),
                LeastRate(stack) is { } least ? Verdict($"at least {Rounds.Digits(least)}", rate.Median >= least) : "");
        }

        return table;
    }

    private MarkdownTable AllocationTable()
    {
        var table = new MarkdownTable("stack", "ping-pong, B", "one way, B", "asked");
        foreach (var stack in StackNames.All)
        {
            var (pingPong, oneWay) = (figures.Of(stack, StreamsContest.PingPongAllocation), figures.Of(stack, StreamsContest.OneWayAllocation));
            var most = Math.Max(pingPong.Median, oneWay.Median);
            table.Add(stack.Name(), pingPong.ToString(), oneWay.ToString(), stack == Stack.RawTcp ? "" : AtMost(most, MostAllocation));
        }

        return table;
    }

    private MarkdownTable ManyTable()
    {
        var table = new MarkdownTable(
            "stack", "streams open, ms", "all echoed, ms", "connected, ms", "ms each", "heap each, KiB", "resident each, KiB");
        foreach (var stack in StackNames.Muxed)
        {
            var connected = figures.Of(stack, StreamsContest.Connected);
            table.Add(
                stack.Name(),
                figures.Of(stack, StreamsContest.Opened).ToString(),
                figures.Of(stack, StreamsContest.Echoed).ToString(),
                connected.ToString(),
                Rounds.Digits(connected.Median / ManyConnections.Count),
                figures.Of(stack, StreamsContest.ConnectionHeap).ToString(),
                figures.Of(stack, StreamsContest.ConnectionMemory).ToString());
        }

        return table;
    }

    private static double? MostRatio(Stack stack) => stack switch { Stack.NoiseYamux => 2.5, Stack.NoiseYamuxPnet => 3.3, _ => null };

    private static double? LeastRate(Stack stack) => stack switch { Stack.NoiseYamux => 0.8, Stack.NoiseYamuxPnet => 0.4, _ => null };

    private static string AtMost(double value, double most) => Verdict($"at most {Rounds.Digits(most)}", value <= most);

    private static string Verdict(string asked, bool isReached) => $"{asked}: {(isReached ? "reached" : "**missed**")}";
}
