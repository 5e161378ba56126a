using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Generation;

namespace ManagedSwarm.Tests.Engine.Generation;

/// <summary>
/// A scheduler, a stage that loses everything at some steps, and requests that come, go, begin alike and have several choices. A token is a
/// function of those before it: so it is known what each reply must be.
/// </summary>
internal sealed class RestartLife
{
    private readonly Random _random;
    private readonly GeneratorOptions _options;
    private readonly Scheduler _scheduler;
    private readonly OrderedStage _stage;
    private readonly Func<int, bool> _isLost;
    private readonly List<StepPlan> _inFlight = [];
    private readonly Dictionary<SequenceGroup, int?> _cached = [];
    private readonly HashSet<SequenceGroup> _cancelled = [];
    private int _depth = 1;

    // Of those in flight, so many have been computed.
    private int _applied;

    public RestartLife(int seed, bool hasPrefixCache, Func<int, bool> isLost)
    {
        (_random, _isLost) = (new Random(seed), isLost);
        _options = new GeneratorOptions
        {
            HiddenSize = 1,
            ContextLength = 100,
            CapacityTokens = 60 + _random.Next(150),
            BlockLength = 1 + _random.Next(6),
            TokensPerStep = 8 + _random.Next(20),
            PromptTokensBesideReplies = 2 + _random.Next(10),
            PromptTokensPerStepInFlight = 2 + _random.Next(12),
            MaxSequences = 2 + _random.Next(6),
            QueueLength = 1_000,
            PrefixCache = hasPrefixCache,
        };
        _scheduler = new Scheduler(_options);
        _stage = new OrderedStage(_options.CapacityTokens, _options.BlockLength);
    }

    public int Steps { get; private set; }

    public int Losses { get; private set; }

    /// <summary>Choices that had tokens when all was lost.</summary>
    public int Restarted { get; private set; }

    /// <summary>Requests whose first choice was over when all was lost.</summary>
    public int LedByOthers { get; private set; }

    public int Answered { get; private set; }

    public void Run(int requests)
    {
        while (requests > 0)
        {
            requests -= Act(_random.Next(60));
        }

        while (TryPlan() || TryFinish())
        {
        }

        // What waits to be closed goes with one more.
        Submit([1], maxTokens: 1, choices: 1);
        while (TryPlan() || TryFinish())
        {
        }

        Assert.All(_cached.Keys, RequireOver);
        Assert.Equal((0, 0, 0), (_scheduler.ActiveCount, _scheduler.WaitingCount, _scheduler.KvUsage));
        Assert.Equal(_scheduler.IdleUsage * BlockCount, _stage.UsedBlocks, 0.01);
        Assert.Equal(_stage.UsedBlocks > 0, _stage.OpenCount > 0);
    }

    private int BlockCount => (_options.CapacityTokens + _options.BlockLength - 1) / _options.BlockLength;

    /// <returns>Requests that have come.</returns>
    private int Act(int action)
    {
        switch (action)
        {
            case < 5:
                var beginning = _random.Next(3);
                int[] prompt = [.. Enumerable.Range(0, _random.Next(30)).Select(i => (i * 7) + beginning), _random.Next(4)];
                Submit(prompt, 1 + _random.Next(25), 1 + (_random.Next(8) / 3));
                return 1;
            case 5 when _cached.Count > 0 && _random.Next(3) == 0:
                var group = _cached.Keys.ElementAt(_random.Next(_cached.Count));
                _cancelled.Add(group);
                _scheduler.Cancel(group);
                break;
            case 6:
                _depth = 1 + _random.Next(5);
                break;
            case < 16:
                TryCompute();
                break;
            case < 36:
                TryFinish();
                break;
            default:
                TryPlan();
                break;
        }

        return 0;
    }

    private void Submit(int[] prompt, int maxTokens, int choices)
    {
        var group = new SequenceGroup(prompt, maxTokens, Math.Min(choices, _options.MaxSequences));
        try
        {
            _scheduler.Submit(group);
            _cached.Add(group, null);
        }
        catch (EngineException error)
        {
            Assert.Equal("capacity_exceeded", error.Code);
        }
    }

    private bool TryPlan()
    {
        var plan = new StepPlan();
        if (_inFlight.Count >= _depth || !_scheduler.TryPlan(plan, _depth, _inFlight.Count))
        {
            return false;
        }

        Assert.InRange(plan.Tokens.Count, 0, _options.TokensPerStep);
        Assert.Equal(plan.Segments.Count, plan.Segments.DistinctBy(segment => segment.Sequence).Count());
        Assert.InRange(_scheduler.KvUsage, 0, 1);
        foreach (var group in _cached.Keys.Where(group => group.HasBegun).ToList())
        {
            _cached[group] ??= group.CachedTokens;
        }

        _inFlight.Add(plan);
        return true;
    }

    private bool TryCompute()
    {
        if (_applied == _inFlight.Count)
        {
            return false;
        }

        _stage.Apply(_inFlight[_applied++]);
        return true;
    }

    private bool TryFinish()
    {
        if (_inFlight.Count == 0)
        {
            return false;
        }

        if (_isLost(++Steps))
        {
            Lose();
            return true;
        }

        _ = _applied > 0 || TryCompute();
        var plan = _inFlight[0];
        _inFlight.RemoveAt(0);
        _applied--;
        foreach (var row in plan.Rows)
        {
            row.Readers.ToArray().Where(sequence => sequence.State != SequenceState.Over).ToList().ForEach(sequence => Choose(sequence, row));
        }

        return true;
    }

    private void Choose(Sequence sequence, StepRow row)
    {
        var tokens = TokensOf(sequence);
        Assert.Equal(tokens, _stage.TokensOf(row.Sequence.Id).Take(sequence.Length));
        if (Next(sequence, tokens) is { } token)
        {
            sequence.Append(token);
            return;
        }

        _scheduler.Finish(sequence);
        Answered += sequence.Group.IsOver ? 1 : 0;
    }

    private void Lose()
    {
        Losses++;
        var running = _cached.Keys.Where(group => !group.IsOver).ToList();
        Restarted += running.Sum(group => group.Sequences.ToArray().Count(sequence => sequence.State == SequenceState.Reply && sequence.Id != 0));
        LedByOthers += running.Count(group => group.Sequences[0].State == SequenceState.Over);
        _stage.Forget();
        foreach (var group in _scheduler.Restart(_inFlight))
        {
            // All was lost so often in a row.
            Assert.Equal(Scheduler.MaxRestarts + 1, group.Restarts);
            _cancelled.Add(group);
        }

        _inFlight.Clear();
        _applied = 0;
    }

    private void RequireOver(SequenceGroup group)
    {
        Assert.True(group.IsOver);
        if (_cancelled.Contains(group))
        {
            return;
        }

        Assert.Equal(_cached[group], group.CachedTokens);
        foreach (var sequence in group.Sequences)
        {
            List<int> expected = [.. group.Prompt];
            while (Next(sequence, expected) is { } token)
            {
                expected.Add(token);
            }

            Assert.Equal(expected, TokensOf(sequence));
        }
    }

    private static List<int> TokensOf(Sequence sequence) => [.. Enumerable.Range(0, sequence.Length).Select(i => sequence[i])];

    /// <summary>The token behind others; null: the reply is over.</summary>
    private static int? Next(Sequence sequence, List<int> tokens)
    {
        var hash = ToyModel.HashOf(tokens.Append(sequence.Choice));
        return tokens.Count + 1 < sequence.Group.Capacity && hash % 16 > 0 ? (int)(hash / 16 % 5) : null;
    }
}
