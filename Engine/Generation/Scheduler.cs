using System.Diagnostics;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Generation;

/// <summary>
/// Decides what each step computes: continuous batching as in nano-vllm and vLLM, as bookkeeping only. A deterministic state machine
/// without threads, clock, tensors or I/O: what it plans depends on the calls before and on nothing else.
/// First come, first served: no request overtakes another that still waits for room. In a step, replies that run go on first (one token
/// each), see <see cref="ReplyTurns"/>; then prompts share what is left of the step's tokens, see <see cref="PromptShares"/>. A prompt with several choices is computed
/// once and forked; one that begins as others did is forked from what is left of them: see <see cref="PrefixCache"/>.
/// Steps may be planned while earlier ones are in flight. Every stage computes them in their order: so what an earlier step will have
/// computed, and freed, is there for a later one, and all bookkeeping is that of the step that was planned last.
/// </summary>
internal sealed partial class Scheduler
{
    private readonly GeneratorOptions _options;
    private readonly OperationQueue _operations = new();
    private readonly PrefixCache _prefixes;
    private readonly KvBudget _budget;
    private readonly PromptShares _shares;
    private readonly ReplyTurns _turns = new();
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
    /// <param name="depth">Steps that may be in flight at once.</param>
    /// <param name="inFlight">Those that are.</param>
    /// <returns>Whether there is anything to do now.</returns>
    public bool TryPlan(StepPlan plan, int depth = 1, int inFlight = 0)
    {
        plan.Clear();
        ShareComputedPrompts();
        Admit();

        // Forks of a prompt's choices come first: their source may be among those that are to be closed. Then come the operations that wait,
        // and make room. Those that begin come last: only now it is certain who keeps the prefixes that they begin with.
        ForkChoices(plan);
        PlanPrompts(plan, depth, _turns.Plan(_active, plan, depth));
        _budget.MakeRoom(_active);

        // Operations alone are no work for the stages: they go with the next step that is, as long as one will come.
        if (plan.Segments.Count == 0 && (_operations.Count == 0 || _operationsCanWait || inFlight > 0))
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
        var index = _active.IndexOf(sequence);
        if (index < 0)
        {
            return;
        }

        _active.RemoveAt(index);
        _turns.Remove(index);

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

    /// <summary>Ends all requests, the waiting ones too.</summary>
    public IReadOnlyList<SequenceGroup> CancelAll()
    {
        var groups = _active.Select(sequence => sequence.Group).Distinct().Concat(_waiting).ToList();
        groups.ForEach(Cancel);
        return groups;
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
        if (_active.Count + group.RunningChoices > _options.MaxSequences || !_budget.TryReserve(group))
        {
            return false;
        }

        foreach (var sequence in group.Sequences)
        {
            // After a restart some may be over already.
            if (sequence.State != SequenceState.Over)
            {
                sequence.Begin();
                _active.Add(sequence);
            }
        }

        return true;
    }

    /// <summary>What the steps before have computed of prompts, or will have, is there for all from now on.</summary>
    private void ShareComputedPrompts()
    {
        foreach (var sequence in _active)
        {
            if (sequence == sequence.Group.Leader && sequence.Id != 0 && sequence.Group.PrefixBlocks < sequence.Group.Hashes.Length)
            {
                _budget.Share(sequence);
            }
        }
    }

    /// <summary>Behind a prompt, all of its choices at once: nobody knows how long the one that they are forked from will be there.</summary>
    private void ForkChoices(StepPlan plan)
    {
        foreach (var sequence in _active)
        {
            var group = sequence.Group;
            if (sequence.State == SequenceState.Reply && sequence.Id == 0 && group.Leader.Computed >= group.Prompt.Count)
            {
                sequence.Id = _operations.NewId();
                sequence.Computed = group.Prompt.Count;
                plan.Operations.Add(SequenceOperation.Fork(sequence.Id, group.Leader.Id, sequence.Computed, group.Capacity));
            }
        }
    }

    private void PlanPrompts(StepPlan plan, int depth, int replies)
    {
        _shares.Clear();
        foreach (var sequence in _active)
        {
            if (MustCompute(sequence))
            {
                if (sequence.Id == 0)
                {
                    _budget.TakeMore(sequence.Group);
                }

                _shares.Add(sequence);
            }
        }

        _shares.Divide(PromptTokens(plan, depth, replies));
        foreach (var (sequence, count) in _shares.All)
        {
            if (count > 0)
            {
                Begin(sequence);
                plan.Add(sequence, count);
            }
        }
    }

    /// <summary>A prompt, once for all of its choices; what is behind after a restart, where it need not wait for the prompt.</summary>
    private static bool MustCompute(Sequence sequence)
    {
        var isLeader = sequence == sequence.Group.Leader;
        return sequence.State == SequenceState.Prompt
            ? isLeader && sequence.Computed < sequence.Length
            : sequence.IsBehind && (isLeader || sequence.Id != 0);
    }

    private int PromptTokens(StepPlan plan, int depth, int replies)
    {
        // Also a step without replies keeps those of others waiting that come behind it.
        var most = replies > 0 ? _options.PromptTokensBesideReplies : int.MaxValue;
        most = depth > 1 ? Math.Min(most, _options.PromptTokensPerStepInFlight) : most;
        return Math.Min(most, _options.TokensPerStep - plan.Segments.Count);
    }

    /// <summary>A prompt that the stages have not heard of begins behind what is cached of it.</summary>
    private void Begin(Sequence sequence)
    {
        if (sequence.Id == 0)
        {
            sequence.Id = _operations.NewId();
            sequence.Computed = sequence.Group.PrefixBlocks * _options.BlockLength;
            _beginners.Add(sequence);
            if (!sequence.Group.HasBegun)
            {
                (sequence.Group.HasBegun, sequence.Group.CachedTokens) = (true, sequence.Computed);
            }
        }
    }

    private SequenceOperation Introduce(Sequence sequence)
    {
        var group = sequence.Group;
        return group.Prefix is { } prefix
            ? SequenceOperation.Fork(sequence.Id, PrefixCache.KeeperOf(prefix), prefix.Depth * _options.BlockLength, group.Capacity)
            : SequenceOperation.Open(sequence.Id, group.Capacity);
    }
}
