using ManagedSwarm.Server.Commands;

namespace ManagedSwarm.Tests.Server.Commands;

public sealed class LoadProgressViewTests
{
    [Fact]
    public async Task Writes_a_line_now_and_then_where_there_is_no_terminal()
    {
        var time = new SteppedTime();
        var error = new StringWriter { NewLine = "\n" };

        var result = await LoadProgressView.RunAsync(Context(error, isTerminal: false, time), "model [q4].gguf", progress =>
        {
            progress.Report(new(10, 100));
            time.Now += TimeSpan.FromSeconds(3);
            progress.Report(new(25, 100));
            time.Now += TimeSpan.FromSeconds(1);
            progress.Report(new(50, 100));
            time.Now += TimeSpan.FromSeconds(1);
            progress.Report(new(75, 100));
            return Task.FromResult(7);
        });

        Assert.Equal(7, result);
        Assert.Equal("Loading model [q4].gguf: 10 %\nLoading model [q4].gguf: 25 %\nLoading model [q4].gguf: 75 %\n", error.ToString());
    }

    [Fact]
    public async Task Draws_a_bar_on_a_terminal()
    {
        var error = new StringWriter();

        var result = await LoadProgressView.RunAsync(Context(error, isTerminal: true, TimeProvider.System), "model [q4].gguf", progress =>
        {
            progress.Report(new(100, 100));
            return Task.FromResult(7);
        });

        Assert.Equal(7, result);
        Assert.Contains("model [q4].gguf", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("100%", error.ToString(), StringComparison.Ordinal);
    }

    private static CommandContext Context(TextWriter error, bool isTerminal, TimeProvider time) => new()
    {
        Output = TextWriter.Null,
        Error = error,
        IsTerminal = isTerminal,
        Environment = _ => null,
        LoadModel = (_, _, _, _, _, _, _) => throw new InvalidOperationException("not used"),
        StartSwarm = (_, _) => throw new InvalidOperationException("not used"),
        Terminated = CancellationToken.None,
        Time = time,
    };

    private sealed class SteppedTime : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
