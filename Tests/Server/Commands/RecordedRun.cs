using System.Text;
using System.Threading.Channels;
using ManagedSwarm.Server.Commands;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Server.Serving;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Server.P2p;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Tests.Server.Commands;

/// <summary>The command line, run in this process as a shell would run it: its lines and its exit code.</summary>
internal sealed class RecordedRun : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly CancellationTokenSource _terminate = new();
    private readonly LineWriter _output = new();
    private readonly LineWriter _error = new();
    private readonly TemporaryFolder _folder = new();
    private readonly Task<int> _exitCode;

    /// <param name="args">The arguments.</param>
    /// <param name="environment">The environment.</param>
    /// <param name="load">Loads the model; null: a <see cref="FakeModel"/> for any path.</param>
    /// <param name="configure">Changes the context.</param>
    public RecordedRun(
        string[] args,
        IReadOnlyDictionary<string, string>? environment = null,
        LoadModel? load = null,
        Func<CommandContext, CommandContext>? configure = null)
    {
        var context = new CommandContext
        {
            Output = _output,
            Error = _error,
            IsTerminal = false,
            Environment = name => environment?.GetValueOrDefault(name),
            LoadModel = load ?? ((_, id, _, _, _, _, _) => Task.FromResult<IServedModel>(new FakeModel(new ScriptedGenerator()) { Id = id ?? FakeModel.DefaultId })),
            IdentifyModel = (_, _, cancellation) => Task.Delay(Timeout.Infinite, cancellation).ContinueWith<IdentifiedModel>(
                _ => throw new OperationCanceledException(cancellation), TaskScheduler.Default),
            StartSwarm = (options, _) => Task.FromResult<ISwarm>(Swarm = new FakeSwarm(options)),
            Folders = new(_folder.Path, null),
            Terminated = _terminate.Token,
        };
        _exitCode = Task.Run(async () =>
        {
            var exitCode = await CommandLine.RunAsync(args, configure?.Invoke(context) ?? context);
            _output.Complete();
            return exitCode;
        });
    }

    /// <summary>The swarm that it has joined; null: none so far.</summary>
    public FakeSwarm? Swarm { get; private set; }

    public string Output => _output.Text;

    public string Error => _error.Text;

    /// <summary>Waits for the line that tells where it listens.</summary>
    public async Task<Uri> ListeningAsync() => new(await AddressAsync());

    /// <inheritdoc cref="ListeningAsync"/>
    public Task<string> AddressAsync() => LineAsync("Listening on ");

    /// <summary>Waits for the line that tells that it is a member.</summary>
    public Task JoinedAsync() => LineAsync("Members reach it at ");

    /// <summary>Waits for a line that begins so.</summary>
    /// <returns>Its rest.</returns>
    public async Task<string> LineAsync(string prefix)
    {
        await foreach (var line in _output.Lines.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            if (line.StartsWith(prefix, StringComparison.Ordinal))
            {
                return line[prefix.Length..];
            }
        }

        throw new InvalidOperationException("it ended without that line: " + Error);
    }

    /// <summary>Ctrl-C.</summary>
    public Task TerminateAsync() => _terminate.CancelAsync();

    public Task<int> ExitCodeAsync() => _exitCode.WaitAsync(Patience, TestContext.Current.CancellationToken);

    /// <summary>Waits for the end, which must be an error of one line.</summary>
    public async Task<string> FailsAsync(int exitCode)
    {
        Assert.Equal(exitCode, await ExitCodeAsync());
        Assert.Equal("", Output);
        var line = Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), text => text.StartsWith("managedswarm: ", StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", Error, StringComparison.Ordinal);
        return line;
    }

    public async ValueTask DisposeAsync()
    {
        await TerminateAsync();
        await _exitCode.WaitAsync(Patience);
        _terminate.Dispose();
        _folder.Dispose();
    }

    /// <summary>Remembers what is written, and hands its lines on. Many threads may write.</summary>
    private sealed class LineWriter : StringWriter
    {
        private readonly Lock _lock = new();
        private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

        public ChannelReader<string> Lines => _lines.Reader;

        public string Text
        {
            get
            {
                lock (_lock)
                {
                    return ToString();
                }
            }
        }

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value)
        {
            lock (_lock)
            {
                base.Write(value);
            }
        }

        public override void Write(string? value)
        {
            lock (_lock)
            {
                base.Write(value);
            }
        }

        public override void WriteLine(string? value)
        {
            lock (_lock)
            {
                base.Write(value + "\n");
            }

            _lines.Writer.TryWrite(value ?? "");
        }

        public void Complete() => _lines.Writer.TryComplete();
    }
}
