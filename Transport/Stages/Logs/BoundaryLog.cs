using System.Runtime.InteropServices;
using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Transport.Stages.Logs;

/// <summary>
/// What a stage has sent to the next one, so that the next one's KV cache can be built again when it is lost: of steps that the head has an
/// answer for, the tokens of the sequences that are open; of later ones, the steps as they were sent. Not for several threads at once.
/// </summary>
internal sealed class BoundaryLog
{
    private readonly int _hiddenSize;
    private readonly WireType _wire;
    private readonly BoundaryStore _store;
    private readonly Queue<LoggedStep> _pending = [];
    private readonly Stack<LoggedStep> _spare = [];
    private byte[] _encoded = [];
    private long _pendingBytes;
    private long? _recorded;

    /// <param name="hiddenSize">Floats per token.</param>
    /// <param name="wire">What hidden states are sent as, and kept as.</param>
    /// <param name="blockLength">Tokens per block, as in the KV cache that is to be built again.</param>
    /// <param name="capacityTokens">Tokens that are kept at most, rounded up to whole blocks; those of steps without an answer come on top.</param>
    public BoundaryLog(int hiddenSize, WireType wire, int blockLength, int capacityTokens)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blockLength, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(capacityTokens);
        (_hiddenSize, _wire) = (hiddenSize, wire);
        var blocks = (int)(((long)capacityTokens + blockLength - 1) / blockLength);
        _store = new BoundaryStore(checked((int)HiddenStates.BytesPerToken(wire, hiddenSize)), blockLength, blocks);
    }

    /// <summary>The last step that the head has an answer for; null: none.</summary>
    public long? Answered { get; private set; }

    /// <summary>Whether <see cref="Replay"/> gives all sequences that are open.</summary>
    public bool IsComplete => _store.Untracked.Count == 0;

    /// <summary>Sequences that are open, but cannot be replayed: they did not fit, or what was done to them made no sense.</summary>
    public IReadOnlyCollection<long> Untracked => _store.Untracked;

    /// <summary>Bytes of hidden states that are kept for open sequences and for steps without an answer.</summary>
    public long Bytes => _store.Bytes + _pendingBytes;

    /// <summary>Keeps a step that is about to be sent, until <see cref="Acknowledge"/> says that it was answered.</summary>
    /// <param name="batch">Is copied. May be disposed where it has failed.</param>
    /// <param name="failure">Why it was not computed: then only its operations count. Null: it was.</param>
    /// <param name="trace">What it took so far.</param>
    /// <exception cref="SwarmException"><c>step_order</c>: it comes behind a later one.</exception>
    /// <exception cref="EngineException"><c>hidden_size</c></exception>
    public void Record(StepBatch batch, StepFailure? failure, ReadOnlySpan<HopTime> trace)
    {
        RequireNext(batch);
        var step = _spare.TryPop(out var spare) ? spare : new LoggedStep();
        step.Fill(batch, failure, trace, _wire);
        _pending.Enqueue(step);
        _pendingBytes += step.Hidden.Length;
        _recorded = batch.Step;
    }

    /// <summary>The head has an answer for all steps up to this one.</summary>
    public void Acknowledge(long step)
    {
        while (_pending.TryPeek(out var first) && first.Number <= step)
        {
            _store.Apply(first.Operations, first.Segments, first.Hidden.Span);
            Free(_pending.Dequeue());
        }

        if (step >= 0)
        {
            Answered = Math.Max(step, Answered ?? step);
        }
    }

    /// <summary>A step was answered that was not recorded: the head's. What was recorded before it counts as answered, too.</summary>
    /// <param name="batch">Is copied. May be disposed where it has failed.</param>
    /// <param name="failure">Why it was not computed: then only its operations count. Null: it was.</param>
    /// <exception cref="SwarmException"><c>step_order</c>: it comes behind a later one.</exception>
    /// <exception cref="EngineException"><c>hidden_size</c></exception>
    public void Apply(StepBatch batch, StepFailure? failure)
    {
        RequireNext(batch);
        Acknowledge(batch.Step - 1);
        if (failure is null)
        {
            _store.Apply(batch.Operations, batch.Segments, Encode(batch));
        }
        else
        {
            _store.Apply(batch.Operations, [], []);
        }

        Acknowledge(batch.Step);
    }

    /// <summary>Sequences, or parts of them, come as another log's <see cref="Replay"/> has given them, and a stage computed them.</summary>
    /// <exception cref="EngineException"><c>hidden_size</c></exception>
    public void Learn(StepBatch batch)
    {
        batch.RequireHiddenSize(_hiddenSize);
        _store.Apply(batch.Operations, batch.Segments, Encode(batch));
    }

    /// <summary>A step that was recorded and not answered; null: there is none of this number. Good until it is answered or forgotten.</summary>
    public LoggedStep? Find(long step)
    {
        foreach (var pending in _pending)
        {
            if (pending.Number == step)
            {
                return pending;
            }
        }

        return null;
    }

    /// <summary>Forgets the steps that were not answered: they will come again, or never.</summary>
    public void ForgetPending()
    {
        while (_pending.TryDequeue(out var step))
        {
            Free(step);
        }

        _recorded = null;
    }

    /// <summary>
    /// Steps that give a fresh stage all open sequences as they were behind <see cref="Answered"/>, but for <see cref="Untracked"/>. It needs
    /// no more blocks for them than the lost one had. No step may be answered until all have been taken.
    /// </summary>
    /// <param name="tokensPerStep">Tokens of a step at most.</param>
    /// <exception cref="InvalidOperationException">The log has changed meanwhile.</exception>
    public IEnumerable<ReplayStep> Replay(int tokensPerStep)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tokensPerStep, 1);
        return new Replay(_store, _hiddenSize, tokensPerStep).Steps();
    }

    /// <summary>Forgets everything, and gives the memory back.</summary>
    public void Clear()
    {
        ForgetPending();
        _store.Clear();
        _spare.Clear();
        (_encoded, Answered) = ([], null);
    }

    private void RequireNext(StepBatch batch)
    {
        batch.RequireHiddenSize(_hiddenSize);
        if (batch.Step <= Answered || batch.Step <= _recorded)
        {
            throw new SwarmException("step_order", $"step {batch.Step} comes behind step {Math.Max(Answered ?? 0, _recorded ?? 0)}");
        }
    }

    private void Free(LoggedStep step)
    {
        _pendingBytes -= step.Hidden.Length;
        step.Empty();
        _spare.Push(step);
    }

    private ReadOnlySpan<byte> Encode(StepBatch batch)
    {
        if (_wire == WireType.F32)
        {
            return MemoryMarshal.AsBytes(batch.Hidden.Span);
        }

        var length = checked(_store.BytesPerToken * batch.TokenCount);
        if (_encoded.Length < length)
        {
            _encoded = new byte[length];
        }

        HiddenStates.Encode(_wire, batch.Hidden.Span, _hiddenSize, _encoded.AsSpan(0, length));
        return _encoded.AsSpan(0, length);
    }
}
