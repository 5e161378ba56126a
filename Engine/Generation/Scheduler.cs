using System.Diagnostics;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Generation;

/// <summary>
/// Decides what each step computes: continuous batching as in nano-vllm and vLLM, as bookkeeping only. A deterministic state machine
/// without threads, clock, tensors or I/O: what it plans depends on the calls before and on nothing else.
/// First come, first served: no request overtakes another that still waits for room. In a step, replies that run go on first (one token
/// each), then prompts take what is left of the step's tokens, oldest first. A prompt with several choices is computed once and forked.
/// </summary>
internal sealed class Scheduler
{
    private readonly GeneratorOptions _options;
    private readonly KvBudget _budget;
    private readonly List<SequenceGroup> _waiting = [];
    private readonly List<Sequence> _active = [];
    private readonly List<SequenceOperation> _closes = [];
    private bool _closesCanWait;
    private long _lastId;

    public Scheduler(GeneratorOptions options)
    {
        options.Validate();
        _options = options;
        _budget = new KvBudget(options.CapacityTokens, options.BlockLength);
    }

    /// <summary>Requests that wait for room.</summary>
    public int WaitingCount => _waiting.Count;

    /// <summary>Sequences that are in flight.</summary>
    public int ActiveCount => _active.Count;

    /// <summary>How much of the KV cache is reserved, 0 to 1.</summary>
    public double KvUsage => (double)_budget.Used / _budget.Total;

    /// <summary>Takes a request in, or lets it wait.</summary>
    /// <exception cref="EngineException"><c>queue_full</c>; <c>capacity_exceeded</c>: it could never run.</exception>
    public void Submit(SequenceGroup group)
    {
        RequirePossible(group);
        Admit();
        if (_waiting.Count == 0 && TryAdmit(group))
        {
            return;
        }

        if (_waiting.Count >= _options.QueueLength)
        {
            throw new EngineException(
                "queue_full", $"there is no room, and {_waiting.Count} requests wait for it; allowed are {_options.QueueLength}; try again later");
        }

        _waiting.Add(group);
    }

    /// <summary>The next step; null: there is nothing to do.</summary>
    public StepPlan? Plan()
    {
        Admit();
        var chunks = PlanChunks();
        if (chunks.Count == 0 && (_closes.Count == 0 || _closesCanWait))
        {
            return null;
        }

        // Forks first: their source may be among the closed. Then closes, so that the opened find room.
        var operations = new List<SequenceOperation>();
        operations.AddRange(chunks.Where(IsFork).Select(chunk => Introduce(chunk.Sequence)));
        operations.AddRange(_closes);
        operations.AddRange(chunks.Where(chunk => chunk.Sequence.Id == 0).Select(chunk => Introduce(chunk.Sequence)));
        _closes.Clear();
        _closesCanWait = false;
        return Compose(operations, chunks);
    }

    /// <summary>A sequence is over; the stages forget it with the next step.</summary>
    public void Finish(Sequence sequence)
    {
        sequence.State = SequenceState.Over;
        if (!_active.Remove(sequence))
        {
            return;
        }

        _budget.Release(sequence);
        if (sequence.Id != 0)
        {
            _closes.Add(SequenceOperation.Close(sequence.Id));
        }
    }

    /// <summary>Ends all sequences of a request, or takes it out of the queue.</summary>
    public void Cancel(SequenceGroup group)
    {
        _waiting.Remove(group);
        foreach (var sequence in group.Sequences)
        {
            Finish(sequence);
        }
    }

    /// <summary>
    /// A step has failed, and nobody knows how much of it was done: all requests that the stages have heard of end, and are closed (again).
    /// If there was nothing but closing, it is tried again only when there is more to do.
    /// </summary>
    /// <returns>The requests that have ended by it.</returns>
    public IReadOnlyList<SequenceGroup> Fail(StepPlan plan)
    {
        var groups = _active.Where(sequence => sequence.Id != 0).Select(sequence => sequence.Group).Distinct().ToList();
        _closes.InsertRange(0, plan.Operations.Where(operation => operation.Kind == SequenceOperationKind.Close));
        groups.ForEach(Cancel);
        _closesCanWait = plan.Segments.Count == 0;
        return groups;
    }

    /// <summary>Ends all requests, the waiting ones too.</summary>
    public IReadOnlyList<SequenceGroup> CancelAll()
    {
        var groups = _active.Select(sequence => sequence.Group).Distinct().Concat(_waiting).ToList();
        groups.ForEach(Cancel);
        return groups;
    }

    private void RequirePossible(SequenceGroup group)
    {
        Debug.Assert(group.Sequences.Count <= _options.MaxSequences, "requests are validated first");
        if (_budget.NeedOf(group) > _budget.Total)
        {
            throw new EngineException(
                "capacity_exceeded",
                $"{group.Sequences.Count} choices of up to {group.Capacity} tokens need {_budget.NeedOf(group)} blocks of KV cache; "
                + $"there are {_budget.Total}: ask for fewer choices or fewer tokens");
        }
    }

    private void Admit()
    {
        while (_waiting.Count > 0 && TryAdmit(_waiting[0]))
        {
            _waiting.RemoveAt(0);
        }
    }

    private bool TryAdmit(SequenceGroup group)
    {
        if (_active.Count + group.Sequences.Count > _options.MaxSequences || !_budget.TryReserve(group))
        {
            return false;
        }

        foreach (var sequence in group.Sequences)
        {
            sequence.State = SequenceState.Prompt;
            _active.Add(sequence);
        }

        return true;
    }

    private List<Chunk> PlanChunks()
    {
        var left = _options.TokensPerStep;
        var chunks = new List<Chunk>();
        foreach (var sequence in _active.Where(sequence => sequence.State == SequenceState.Reply))
        {
            chunks.Add(new Chunk(sequence, sequence.Length - 1, 1));
            left--;
        }

        foreach (var sequence in _active.Where(sequence => sequence.State == SequenceState.Prompt && sequence.Choice == 0))
        {
            var count = Math.Min(left, sequence.Length - sequence.Computed);
            if (count > 0)
            {
                chunks.Add(new Chunk(sequence, sequence.Computed, count));
                left -= count;
            }
        }

        return chunks;
    }

    private static bool IsFork(Chunk chunk) => chunk.Sequence.Id == 0 && chunk.Sequence.Choice > 0;

    /// <summary>Tells the stages about a sequence.</summary>
    private SequenceOperation Introduce(Sequence sequence)
    {
        var group = sequence.Group;
        sequence.Id = ++_lastId;
        return sequence.Choice == 0
            ? SequenceOperation.Open(sequence.Id, group.Capacity)
            : SequenceOperation.Fork(sequence.Id, group.Sequences[0].Id, group.Prompt.Count, group.Capacity);
    }

    private static StepPlan Compose(List<SequenceOperation> operations, List<Chunk> chunks)
    {
        var tokens = new List<int>();
        var rows = new List<StepRow>();
        foreach (var (sequence, first, count) in chunks)
        {
            for (var position = first; position < first + count; position++)
            {
                tokens.Add(sequence[position]);
            }

            sequence.Computed = first + count;
            if (sequence.Computed == sequence.Length)
            {
                var isPromptEnd = sequence.State == SequenceState.Prompt;
                rows.Add(new StepRow(tokens.Count - 1, isPromptEnd ? [.. sequence.Group.Sequences] : [sequence]));
            }
        }

        var segments = chunks.ConvertAll(chunk => new Segment(chunk.Sequence.Id, chunk.First, chunk.Count));
        return new StepPlan(operations, segments, [.. tokens], rows);
    }

    private readonly record struct Chunk(Sequence Sequence, int First, int Count);
}
