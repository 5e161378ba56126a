using System.Diagnostics;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Generation;

/// <summary>
/// Decides what each step computes: continuous batching as in nano-vllm and vLLM, as bookkeeping only. A deterministic state machine
/// without threads, clock, tensors or I/O: what it plans depends on the calls before and on nothing else.
/// First come, first served: no request overtakes another that still waits for room. In a step, replies that run go on first (one token
/// each), then prompts share what is left of the step's tokens: see <see cref="PromptShares"/>. A prompt with several choices is computed
/// once and forked; one that begins as others did is forked from what is left of them: see <see cref="PrefixCache"/>.
/// </summary>
internal sealed class Scheduler
{
    private readonly GeneratorOptions _options;
    private readonly OperationQueue _operations = new();
    private readonly PrefixCache _prefixes;
    private readonly KvBudget _budget;
    private readonly PromptShares _shares;
    private readonly List<SequenceGroup> _waiting = [];
    private readonly List<Sequence> _active = [];
    private readonly List<Sequence> _beginners = [];
    private bool _operationsCanWait;

    public Scheduler(GeneratorOptions options)
    {
        options.Validate();
        _options = options;
        _prefixes = new PrefixCache(options.BlockLength, options.PrefixCache, _operations);
        _budget = new KvBudget(options.CapacityTokens, options.BlockLength, _prefixes);
        _shares = new PromptShares(_prefixes, options.BlockLength);
    }

    /// <summary>Requests that wait for room.</summary>
    public int WaitingCount => _waiting.Count;

    /// <summary>Sequences that are in flight.</summary>
    public int ActiveCount => _active.Count;

    /// <summary>Requests that wait or are in flight.</summary>
    public int RequestCount
    {
        get
        {
            var count = _waiting.Count;
            for (var i = 0; i < _active.Count; i++)
            {
                // The choices of a request stand together.
                count += i == 0 || _active[i].Group != _active[i - 1].Group ? 1 : 0;
            }

            return count;
        }
    }

    /// <summary>How much of the KV cache is reserved, 0 to 1.</summary>
    public double KvUsage => (double)_budget.Used / _budget.Total;

    /// <summary>How much of the KV cache keeps prefixes that no request in flight has, 0 to 1.</summary>
    public double IdleUsage => (double)_budget.Idle / _budget.Total;

    /// <summary>Takes a request in, or lets it wait.</summary>
    /// <exception cref="EngineException"><c>queue_full</c>; <c>capacity_exceeded</c>: it could never run.</exception>
    public void Submit(SequenceGroup group)
    {
        RequirePossible(group);
        _prefixes.Name(group);
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

    /// <summary>The next step.</summary>
    /// <param name="plan">Takes it; what it held is gone.</param>
    /// <returns>Whether there is anything to do.</returns>
    public bool TryPlan(StepPlan plan)
    {
        plan.Clear();
        ShareComputedPrompts();
        Admit();

        // Forks of a prompt's choices come first: their source may be among those that are to be closed. Then come the operations that wait,
        // and make room. Those that begin come last: only now it is certain who keeps the prefixes that they begin with.
        PlanReplies(plan);
        PlanPrompts(plan);
        _budget.MakeRoom(_active);
        if (plan.Segments.Count == 0 && (_operations.Count == 0 || _operationsCanWait))
        {
            return false;
        }

        _operations.MoveTo(plan.Operations);
        foreach (var sequence in _beginners)
        {
            plan.Operations.Add(Introduce(sequence));
        }

        _beginners.Clear();
        _operationsCanWait = false;
        return true;
    }

    /// <summary>A sequence is over; the stages forget it with the next step, but for what others may begin with.</summary>
    public void Finish(Sequence sequence)
    {
        sequence.State = SequenceState.Over;
        if (!_active.Remove(sequence))
        {
            return;
        }

        if (sequence.Id != 0)
        {
            _budget.Share(sequence);
            _operations.Close(sequence.Id);
        }

        _budget.Release(sequence);
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
    /// A step has failed, and nobody knows how much of it was done: all requests that the stages have heard of end, and are closed (again),
    /// and so are all prefixes. Requests that have not begun wait anew, before the others: they may have counted on a prefix.
    /// If there was nothing but operations, they are tried again only when there is more to do.
    /// </summary>
    /// <returns>The requests that have ended by it.</returns>
    public IReadOnlyList<SequenceGroup> Fail(StepPlan plan)
    {
        var (begun, fresh) = (new List<SequenceGroup>(), new List<SequenceGroup>());
        foreach (var group in _active.Select(sequence => sequence.Group).Distinct())
        {
            (group.Sequences[0].Id == 0 ? fresh : begun).Add(group);
        }

        _operations.CloseAll(plan.Operations, [.. _budget.Clear(), .. _active.Select(sequence => sequence.Id).Where(id => id != 0)]);
        _active.Clear();
        begun.ForEach(group => Reset(group, SequenceState.Over));
        fresh.ForEach(group => Reset(group, SequenceState.Waiting));
        _waiting.InsertRange(0, fresh);
        _operationsCanWait = plan.Segments.Count == 0;
        return begun;
    }

    /// <summary>Ends all requests, the waiting ones too.</summary>
    public IReadOnlyList<SequenceGroup> CancelAll()
    {
        var groups = _active.Select(sequence => sequence.Group).Distinct().Concat(_waiting).ToList();
        groups.ForEach(Cancel);
        return groups;
    }

    private static void Reset(SequenceGroup group, SequenceState state)
    {
        group.Prefix = null;
        foreach (var sequence in group.Sequences)
        {
            sequence.State = state;
        }
    }

    private void RequirePossible(SequenceGroup group)
    {
        Debug.Assert(group.Sequences.Length <= _options.MaxSequences, "requests are validated first");
        if (_budget.NeedOf(group) > _budget.Total)
        {
            throw new EngineException(
                "capacity_exceeded",
                $"{group.Sequences.Length} choices of up to {group.Capacity} tokens need {_budget.NeedOf(group)} blocks of KV cache; "
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
        if (_active.Count + group.Sequences.Length > _options.MaxSequences || !_budget.TryReserve(group))
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

    /// <summary>What the step before has computed of prompts is there for all from now on.</summary>
    private void ShareComputedPrompts()
    {
        foreach (var sequence in _active)
        {
            if (sequence.Choice == 0 && sequence.Id != 0 && sequence.Group.PrefixBlocks < sequence.Group.Hashes.Length)
            {
                _budget.Share(sequence);
            }
        }
    }

    private void PlanReplies(StepPlan plan)
    {
        foreach (var sequence in _active)
        {
            if (sequence.State != SequenceState.Reply)
            {
                continue;
            }

            if (sequence.Id == 0)
            {
                var group = sequence.Group;
                sequence.Id = _operations.NewId();
                sequence.Computed = group.Prompt.Count;
                plan.Operations.Add(SequenceOperation.Fork(sequence.Id, group.Sequences[0].Id, sequence.Computed, group.Capacity));
            }

            plan.Add(sequence, 1);
        }
    }

    private void PlanPrompts(StepPlan plan)
    {
        var left = _options.TokensPerStep - plan.Segments.Count;
        _shares.Clear();
        foreach (var sequence in _active)
        {
            if (sequence.State != SequenceState.Prompt || sequence.Choice != 0)
            {
                continue;
            }

            if (sequence.Id == 0)
            {
                _budget.TakeMore(sequence.Group);
            }

            _shares.Add(sequence);
        }

        _shares.Divide(plan.Segments.Count == 0 ? left : Math.Min(left, _options.PromptTokensBesideReplies));
        foreach (var (sequence, count) in _shares.All)
        {
            if (count > 0)
            {
                Begin(sequence);
                plan.Add(sequence, count);
            }
        }
    }

    /// <summary>A prompt that the stages have not heard of begins behind what is cached of it.</summary>
    private void Begin(Sequence sequence)
    {
        if (sequence.Id == 0)
        {
            sequence.Id = _operations.NewId();
            sequence.Group.CachedTokens = sequence.Computed = sequence.Group.PrefixBlocks * _options.BlockLength;
            _beginners.Add(sequence);
        }
    }

    private static SequenceOperation Introduce(Sequence sequence)
    {
        var group = sequence.Group;
        return group.Prefix is { } prefix
            ? SequenceOperation.Fork(sequence.Id, PrefixCache.KeeperOf(prefix), group.CachedTokens, group.Capacity)
            : SequenceOperation.Open(sequence.Id, group.Capacity);
    }
}
