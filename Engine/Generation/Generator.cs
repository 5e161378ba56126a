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
/// its own does all of that; it parks while there is nothing to do. Callers meet it at one lock, which is never held over a step.
/// Head, stage and tokenizer belong to the caller, and must outlive it.
/// </summary>
internal sealed class Generator : IGenerator
{
    private readonly Tokenizer _tokenizer;
    private readonly TimeProvider _time;
    private readonly RequestRules _rules;
    private readonly bool _hasPrefixCache;
    private readonly EngineMetrics _metrics;
    private readonly RetryEstimate _retry = new();
    private readonly StepPlan _plan = new();
    private readonly SamplingWorkspace _workspace;
    private readonly StepRunner _runner;
    private readonly Lock _gate = new();
    private readonly Scheduler _scheduler;
    private readonly AutoResetEvent _work = new(false);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loop;
    private bool _stopped;
    private int _disposed;

    public Generator(
        IHead head, IStage stage, Tokenizer tokenizer, GeneratorOptions options, TimeProvider? time = null, IMeterFactory? meters = null)
    {
        (_tokenizer, _time) = (tokenizer, time ?? TimeProvider.System);
        _hasPrefixCache = options.PrefixCache;
        _scheduler = new Scheduler(options);
        _rules = new RequestRules(options, tokenizer.VocabularySize);
        _workspace = new SamplingWorkspace(tokenizer.VocabularySize);
        _runner = new StepRunner(head, stage, options.HiddenSize, tokenizer.VocabularySize);
        _metrics = new EngineMetrics(
            meters, () => Ask(s => s.WaitingCount), () => Ask(s => s.ActiveCount), () => Ask(s => s.KvUsage), () => Ask(s => s.IdleUsage));
        _loop = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public GeneratorLoad Load => Ask(scheduler => new GeneratorLoad(scheduler.RequestCount - scheduler.WaitingCount, scheduler.WaitingCount));

    public async IAsyncEnumerable<GenerationEvent> GenerateAsync(
        GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var active = Submit(request);

        // At once, even if the reader is busy elsewhere.
        await using var registration = cancellationToken.UnsafeRegister(
            (_, token) => Cancel(active, new OperationCanceledException(token)), null);
        try
        {
            await foreach (var generationEvent in active.Events.ReadAllAsync(cancellationToken))
            {
                yield return generationEvent;
            }
        }
        finally
        {
            Cancel(active);
        }
    }

    public async ValueTask DisposeAsync()
    {
        var isFirst = Interlocked.Exchange(ref _disposed, 1) == 0;
        if (isFirst)
        {
            await _stopping.CancelAsync();
            _work.Set();
        }

        await _loop;
        if (isFirst)
        {
            _stopping.Dispose();
            _work.Dispose();
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
            Stop();
        }
    }

    private void Loop()
    {
        while (!_stopping.IsCancellationRequested)
        {
            if (!TryPlan())
            {
                _work.WaitOne();
                continue;
            }

            try
            {
                Step();
            }
            catch (Exception error)
            {
                FailStep(error);
            }
        }
    }

    private bool TryPlan()
    {
        lock (_gate)
        {
            return _scheduler.TryPlan(_plan);
        }
    }

    private void Step()
    {
        _runner.Run(_plan, _stopping.Token);
        for (var row = 0; row < _plan.Rows.Count; row++)
        {
            foreach (var sequence in _plan.Rows[row].Readers)
            {
                Continue(sequence, _runner.LogitsOf(row));
            }
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
            Commit(request, sequence, token, reply.IsOver);
        }
        catch (Exception error)
        {
            Cancel(request, Wrap(error, "generation_failed"));
        }
    }

    private void Commit(ActiveRequest request, Sequence sequence, int token, bool isOver)
    {
        lock (_gate)
        {
            if (!isOver)
            {
                sequence.Append(token);
                return;
            }

            _scheduler.Finish(sequence);
            if (request.IsOver)
            {
                request.Complete();
                _retry.Leaves(_time.GetElapsedTime(request.Submitted));
            }
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

    private ActiveRequest Submit(GenerationRequest request)
    {
        var active = new ActiveRequest(request, _rules.Check(request), _tokenizer, _time.GetTimestamp());
        lock (_gate)
        {
            if (_stopped)
            {
                throw Stopping();
            }

            Enqueue(active);
            _work.Set();
        }

        return active;
    }

    private void Enqueue(ActiveRequest request)
    {
        try
        {
            _scheduler.Submit(request);
        }
        catch (EngineException refusal) when (refusal.Code == "queue_full")
        {
            throw new EngineException(refusal.Code, refusal.Message, refusal)
            {
                RetryAfter = _retry.Next(_scheduler.RequestCount),
            };
        }
    }

    private void Cancel(ActiveRequest request, Exception? error = null)
    {
        lock (_gate)
        {
            if (!request.IsOver)
            {
                _scheduler.Cancel(request);
                request.Complete(error);
                _retry.Leaves(_time.GetElapsedTime(request.Submitted));
                _work.Set();
            }
        }
    }

    private void FailStep(Exception error)
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        lock (_gate)
        {
            foreach (var group in _scheduler.Fail(_plan))
            {
                ((ActiveRequest)group).Complete(Wrap(error, "stage_failed"));
            }
        }
    }

    private void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            foreach (var group in _scheduler.CancelAll())
            {
                ((ActiveRequest)group).Complete(Stopping());
            }
        }
    }

    private T Ask<T>(Func<Scheduler, T> question)
    {
        lock (_gate)
        {
            return question(_scheduler);
        }
    }

    /// <summary>One exception object per request: each is thrown on a thread of its own.</summary>
    private static EngineException Wrap(Exception error, string code) =>
        new((error as EngineException)?.Code ?? code, error.Message, error);

    private static EngineException Stopping() => new("shutting_down", "the engine is shutting down; the request was not finished");
}
