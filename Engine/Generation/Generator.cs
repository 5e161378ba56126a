using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Diagnostics;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Sampling;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Engine.Tokenization;

namespace ManagedSwarm.Engine.Generation;

/// <summary>
/// The generation loop: asks the scheduler what to compute, has the stages compute it, and hands each reply its logits. One thread of
/// its own does all of that; it parks while there is nothing to do but to wait for the stages. As many steps are in flight as the stages
/// want; results are taken in the order in which the steps were started. Callers meet it at the <see cref="RequestDesk"/>.
/// Head, stage and tokenizer belong to the caller, and must outlive it.
/// </summary>
internal sealed class Generator : IGenerator
{
    private readonly Tokenizer _tokenizer;
    private readonly TimeProvider _time;
    private readonly RequestRules _rules;
    private readonly bool _hasPrefixCache;
    private readonly EngineMetrics _metrics;
    private readonly SamplingWorkspace _workspace;
    private readonly WorkSignal _signal = new();
    private readonly RequestDesk _desk;
    private readonly StepRunner _runner;
    private readonly StepLine _line;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loop;
    private int _disposed;

    public Generator(
        IHead head, IStage stage, Tokenizer tokenizer, GeneratorOptions options, TimeProvider? time = null, IMeterFactory? meters = null)
    {
        (_tokenizer, _time) = (tokenizer, time ?? TimeProvider.System);
        _hasPrefixCache = options.PrefixCache;
        _desk = new RequestDesk(new Scheduler(options), _signal, _time);
        _rules = new RequestRules(options, tokenizer.VocabularySize);
        _workspace = new SamplingWorkspace(tokenizer.VocabularySize);
        _runner = new StepRunner(head, stage, options.HiddenSize, tokenizer.VocabularySize);
        _line = new StepLine(_runner, stage, _signal);
        _metrics = new EngineMetrics(
            meters,
            () => _desk.Ask(s => s.WaitingCount),
            () => _desk.Ask(s => s.ActiveCount),
            () => _desk.Ask(s => s.KvUsage),
            () => _desk.Ask(s => s.IdleUsage));
        _loop = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public GeneratorLoad Load => _desk.Ask(scheduler => new GeneratorLoad(scheduler.RequestCount - scheduler.WaitingCount, scheduler.WaitingCount));

    public async IAsyncEnumerable<GenerationEvent> GenerateAsync(
        GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var active = new ActiveRequest(request, _rules.Check(request), _tokenizer, _time.GetTimestamp());
        if (request.Begun is null || !active.TryEnd())
        {
            _desk.Submit(active);
        }

        // At once, even if the reader is busy elsewhere.
        await using var registration = cancellationToken.UnsafeRegister(
            (_, token) => _desk.Cancel(active, new OperationCanceledException(token)), null);
        try
        {
            await foreach (var generationEvent in active.Events.ReadAllAsync(cancellationToken))
            {
                yield return generationEvent;
            }
        }
        finally
        {
            _desk.Cancel(active);
        }
    }

    public async ValueTask DisposeAsync()
    {
        var isFirst = Interlocked.Exchange(ref _disposed, 1) == 0;
        if (isFirst)
        {
            await _stopping.CancelAsync();
            _signal.Set();
        }

        await _loop;
        if (isFirst)
        {
            _stopping.Dispose();
            _runner.Dispose();
            _metrics.Dispose();
        }
    }

    private void Run()
    {
        try
        {
            Loop();
        }
        finally
        {
            // Even if it ends by a mistake of ours, nobody must wait for ever.
            _desk.Stop();
            _line.DropAll();
        }
    }

    private void Loop()
    {
        while (!_stopping.IsCancellationRequested)
        {
            // Results first: what they bring may go on with the very next step.
            if (_line.IsOldestDone)
            {
                FinishOldest();
            }
            else if (!TryStart())
            {
                _signal.Wait();
            }
        }
    }

    private bool TryStart()
    {
        var depth = _line.Depth;
        if (_line.Count >= depth || !_desk.TryPlan(_line.NextPlan, depth, _line.Count))
        {
            return false;
        }

        _line.StartNext(_stopping.Token);
        return true;
    }

    private void FinishOldest()
    {
        var plan = _line.OldestPlan;
        try
        {
            _line.FinishOldest();
            for (var row = 0; row < plan.Rows.Count; row++)
            {
                foreach (var sequence in plan.Rows[row].Readers)
                {
                    Continue(sequence, _runner.LogitsOf(row));
                }
            }
        }
        catch (EngineException error) when (error.Code == EngineException.SequencesLost && !_stopping.IsCancellationRequested)
        {
            _desk.Restart([plan, .. _line.DropAll()], error);
        }
        catch (Exception error) when (!_stopping.IsCancellationRequested)
        {
            _desk.Fail([plan, .. _line.DropAll()], error);
        }
        catch
        {
            // The step was cancelled; requests are told that the engine is shutting down.
        }
    }

    /// <summary>Lets a choice choose its next token. What goes wrong here concerns its request only.</summary>
    private void Continue(Sequence sequence, ReadOnlySpan<float> logits)
    {
        var request = (ActiveRequest)sequence.Group;
        if (sequence.State == SequenceState.Over)
        {
            return;
        }

        try
        {
            var reply = request.ReplyOf(sequence);
            var token = reply.Next(logits, _workspace, request.Emit);
            Measure(request, reply);
            _desk.Commit(request, sequence, token, reply.IsOver);
        }
        catch (Exception error)
        {
            _desk.Cancel(request, RequestDesk.Wrap(error, "generation_failed"));
        }
    }

    private void Measure(ActiveRequest request, Reply reply)
    {
        var now = _time.GetTimestamp();
        if (request.FirstToken is null)
        {
            request.FirstToken = now;
            _metrics.FirstToken(
                _time.GetElapsedTime(request.Submitted, now), request.Prompt.Count, _hasPrefixCache ? request.CachedTokens : null);
        }

        _metrics.TokenGenerated();
        if (reply.IsOver)
        {
            _metrics.ReplyFinished(_time.GetElapsedTime(request.FirstToken.Value, now), reply.TokenCount);
        }
    }
}
