using ManagedSwarm.Bench.Reports;
using ManagedSwarm.Bench.Streams;

namespace ManagedSwarm.Bench.Hops;

/// <summary>The figures as tables, what is asked beside them.</summary>
internal sealed class HopReport(HopContest contest, int workers, bool hasTransfer)
{
    private const double MostMicroseconds = 250;
    private const double MostRatio = 1.2;

    public void AddTo(Report report)
    {
        report.AddTable(Hops());
        report.AddSection("A hop of one worker that computes nothing, in parts");
        report.AddTable(Parts());
        if (hasTransfer)
        {
            report.AddSection("Beside a transfer of weights from the head to the same worker");
            report.AddTable(Transfer());
        }
    }

    private MarkdownTable Hops()
    {
        var table = new MarkdownTable("workers", "a stage", "p50, µs", "p99, µs", "asked of p50");
        for (var count = 1; count <= workers; count++)
        {
            foreach (var readBytes in (int[])[0, HopContest.ReadBytes])
            {
                var name = HopContest.Chain(count, readBytes);
                var median = contest.Figures[name + HopContest.Median];
                table.Add(
                    $"{count}",
                    readBytes == 0 ? "computes nothing" : $"reads {readBytes >> 20} MiB",
                    $"**{median}**",
                    contest.Figures[name + HopContest.Late].ToString(),
                    Verdict($"at most {MostMicroseconds}", median.Median <= MostMicroseconds));
            }
        }

        return table;
    }

    private MarkdownTable Parts()
    {
        var figures = contest.Figures;
        var (raw, all) = (figures[HopContest.Stream(Stack.RawTcp)].Times(0.5), figures[HopContest.Stream(Stack.NoiseYamuxPnet)].Times(0.5));
        var crypto = Sum(figures[HopContest.Noise], figures[HopContest.PrivateNetwork], 1);
        var wait = figures[HopContest.Chain(1, 0) + HopContest.Wait];
        var hop = figures[HopContest.Chain(1, 0) + HopContest.Median];
        var codec = Sum(figures[HopContest.Encode], figures[HopContest.Decode], 1);
        var table = new MarkdownTable("part", "µs");
        table.Add($"a frame of {contest.FrameBytes} bytes is written: header, and a copy of the hidden states", figures[HopContest.Encode].ToString());
        table.Add("socket and the receiver's wake-up: half a round trip of such messages over raw TCP", raw.ToString());
        table.Add("Noise: sealed and opened (ChaCha20-Poly1305)", figures[HopContest.Noise].ToString());
        table.Add("private network: hidden and shown (XSalsa20)", figures[HopContest.PrivateNetwork].ToString());
        table.Add(
            "what else a stream costs (yamux, its tasks and its copies: one more at either side): half a round trip over it, less the three above",
            Sum(all, Sum(raw, crypto, 1), -1).ToString());
        table.Add("one such copy, for comparison", figures[HopContest.Copy].ToString());
        table.Add("the frame is read: header, limits, and a copy into the batch", figures[HopContest.Decode].ToString());
        table.Add(
            "handed over to the thread that computes, as traces have it (workers do that, so it is there once for two hops, and half of it counted)",
            wait.ToString());
        table.Add(
            "the rest: pipes, the order of steps, and at the head the hand-over to whoever waits",
            Sum(hop, Sum(all, Sum(codec, wait, 1), 1), -1).ToString());
        table.Add("a hop", $"**{hop}**");
        return table;
    }

    private MarkdownTable Transfer()
    {
        var figures = contest.Figures;
        var (quiet, beside) = (figures[HopContest.Median], figures[HopContest.BesideTransfer + HopContest.Median]);
        var ratio = beside.Over(quiet);
        var table = new MarkdownTable(
            "", "p50, µs", "p99, µs", "hand-over to the thread that computes, µs", "transfer, GB/s", "p50 / alone", "asked");
        table.Add("alone", quiet.ToString(), figures[HopContest.Late].ToString(), figures[HopContest.Wait].ToString(), "", "", "");
        table.Add(
            "transfer beside it",
            beside.ToString(),
            figures[HopContest.BesideTransfer + HopContest.Late].ToString(),
            figures[HopContest.BesideTransfer + HopContest.Wait].ToString(),
            figures[HopContest.TransferRate].ToString(),
            $"**{ratio}**",
            Verdict($"at most {MostRatio}", ratio.Median <= MostRatio));
        return table;
    }

    private static Rounds Sum(Rounds left, Rounds right, double factor) => new([.. left.Values.Zip(right.Values, (a, b) => a + (factor * b))]);

    private static string Verdict(string asked, bool isReached) => $"{asked}: {(isReached ? "reached" : "**missed**")}";
}
