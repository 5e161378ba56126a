using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Tests.Transport.Libp2p.Interop;

/// <summary>A js-libp2p peer in a process of its own, told what to do by lines of JSON (Tests/Interop/js/peer.mjs).</summary>
internal sealed class JsPeer : IAsyncDisposable
{
    /// <summary>For one command. Longer than the peer gives a stream, so that it says itself what it waits for.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(90);

    /// <summary>For what should have happened already.</summary>
    public static readonly TimeSpan EventTimeout = TimeSpan.FromSeconds(90);

    /// <summary>For the process to end when its input has.</summary>
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly Task _reading;
    private readonly Task _readingErrors;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> _answers = new();
    private readonly JsEvents _events = new();
    private readonly StringBuilder _errors = new();
    private int _lastId;

    private JsPeer(Process process)
    {
        _process = process;
        _readingErrors = ReadErrorsAsync();
        _reading = ReadAsync();
    }

    public PeerId PeerId { get; private set; } = null!;

    /// <summary>Where it listens, with its peer id.</summary>
    public Multiaddress Address { get; private set; } = null!;

    /// <summary>Starts one; skips the running test where there is no npm.</summary>
    public static async Task<JsPeer> StartAsync(JsPeerOptions options)
    {
        string[] command = [.. options.Launcher, await JsPackages.RequireNodeAsync(), "peer.mjs"];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = JsPackages.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var peer = new JsPeer(Process.Start(start)!);
        try
        {
            var answer = await peer.DoAsync("start", options.ToJson());
            peer.PeerId = PeerId.Parse((string)answer["peer"]!);
            peer.Address = Multiaddress.Parse((string)answer["addresses"]![0]!);
            return peer;
        }
        catch
        {
            await peer.DisposeAsync();
            throw;
        }
    }

    /// <summary>Tells it to do something and waits until it has.</summary>
    /// <param name="command">One of commands.mjs.</param>
    /// <param name="parameters">The command's.</param>
    /// <exception cref="JsError">It could not.</exception>
    public async Task<JsonNode> DoAsync(string command, JsonObject parameters)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var id = Interlocked.Increment(ref _lastId);
        var answer = new TaskCompletionSource<JsonNode>(TaskCreationOptions.RunContinuationsAsynchronously);
        _answers[id] = answer;
        parameters["id"] = id;
        parameters["do"] = command;
        await SayAsync(parameters.ToJsonString(), cancellationToken);
        return await WaitAsync(answer.Task, AnswerTimeout, $"answer to {command}");
    }

    /// <summary>Takes an event of a peer that no one has taken yet: waits for it where it has not happened yet.</summary>
    /// <param name="name">One of peer.mjs.</param>
    /// <param name="peer">Whom it is about; null: that is not known.</param>
    /// <param name="match">What else must hold.</param>
    public Task<JsonNode> TakeEventAsync(string name, PeerId? peer, Predicate<JsonNode>? match = null) => WaitAsync(
        _events.TakeAsync(message =>
            (string?)message["event"] == name && (string?)message["peer"] == peer?.ToString() && match?.Invoke(message) != false),
        EventTimeout,
        $"event {name}");

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using (var timeout = new CancellationTokenSource(EndTimeout))
        {
            try
            {
                await _process.WaitForExitAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        await Task.WhenAll(_reading, _readingErrors);
        _process.Dispose();
        _writing.Dispose();
    }

    private async Task SayAsync(string line, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await _process.StandardInput.WriteLineAsync(line.AsMemory(), cancellationToken);
        }
        catch (IOException)
        {
            await _reading;
            throw Ended();
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task<JsonNode> WaitAsync(Task<JsonNode> task, TimeSpan timeout, string what)
    {
        try
        {
            return await task.WaitAsync(timeout, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The js peer: no {what} within {timeout}. Events that nobody took:\n{_events}\n{Errors()}");
        }
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            var message = JsonNode.Parse(line)!;
            if (message["event"] is not null)
            {
                _events.Add(message);
            }
            else if (_answers.TryRemove((int)message["id"]!, out var answer))
            {
                Complete(answer, message);
            }
        }

        await _readingErrors;
        Fail(Ended());
    }

    private async Task ReadErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_errors)
            {
                _errors.AppendLine(line);
            }
        }
    }

    private void Fail(Exception failure)
    {
        _events.Fail(failure);
        foreach (var answer in _answers.Values)
        {
            answer.TrySetException(failure);
        }
    }

    private InvalidOperationException Ended() => new($"The js peer has ended. {Errors()}");

    private string Errors()
    {
        lock (_errors)
        {
            return $"Its errors:\n{_errors}";
        }
    }

    private static void Complete(TaskCompletionSource<JsonNode> answer, JsonNode message)
    {
        if (message["error"] is { } error)
        {
            answer.SetException(new JsError((string)error["name"]!, (string)error["message"]!));
        }
        else
        {
            answer.SetResult(message["ok"]!);
        }
    }
}
