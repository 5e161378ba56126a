using System.Globalization;
using ManagedSwarm.Engine.Model;
using Spectre.Console;

namespace ManagedSwarm.Server.Commands;

/// <summary>Shows how far a model's load has come: a bar on a terminal, plain lines elsewhere.</summary>
internal static class LoadProgressView
{
    /// <summary>Loads while it shows.</summary>
    /// <param name="context">Where to write.</param>
    /// <param name="name">What is being loaded.</param>
    /// <param name="load">Loads, and reports.</param>
    public static Task<T> RunAsync<T>(CommandContext context, string name, Func<IProgress<LoadProgress>, Task<T>> load) =>
        context.IsTerminal ? RunBarAsync(context, name, load) : load(new Lines(context.Error, name, context.Time));

    private static Task<T> RunBarAsync<T>(CommandContext context, string name, Func<IProgress<LoadProgress>, Task<T>> load)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(context.Error),
        });
        return console.Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn(), new RemainingTimeColumn())
            .StartAsync(progress => load(new Bar(progress.AddTask(Markup.Escape($"Loading {name}")))));
    }

    private sealed class Bar(ProgressTask task) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value)
        {
            task.MaxValue = value.BytesTotal;
            task.Value = value.BytesDone;
        }
    }

    /// <summary>
    /// One line when bytes begin to come (a file that is refused gets none), and one now and then: nothing to scroll through in a log.
    /// </summary>
    private sealed class Lines(TextWriter output, string name, TimeProvider time) : IProgress<LoadProgress>
    {
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
        private readonly Lock _lock = new();
        private long? _last;

        public void Report(LoadProgress value)
        {
            lock (_lock)
            {
                if (value.BytesTotal > 0 && (_last is not { } last || time.GetElapsedTime(last) >= Interval))
                {
                    _last = time.GetTimestamp();
                    var percent = 100 * (double)value.BytesDone / value.BytesTotal;
                    output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Loading {name}: {percent:0} %"));
                }
            }
        }
    }
}
