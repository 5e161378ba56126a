using ManagedSwarm.Engine.Generation;

namespace ManagedSwarm.Tests.Engine.Generation;

/// <summary>
/// Random crowds of requests that begin alike, go on with earlier replies, are cancelled, and live through failed steps; on a stage that
/// counts blocks and checks positions. Whatever happens, each reply is the one that it is alone.
/// </summary>
public sealed class SchedulerSimulationTests
{
    private const int CapacityTokens = 160;

    private static readonly GeneratorOptions Options = ToyGenerator.DefaultOptions with
    {
        CapacityTokens = CapacityTokens,
        TokensPerStep = 12,
        PromptTokensBesideReplies = 5,
        MaxSequences = 6,
        QueueLength = 1_000,
    };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Every_reply_is_the_one_that_it_is_alone(int seed)
    {
        using var crowd = new Crowd(Options, seed, faults: false);
        crowd.Live(steps: 3_000);
        Assert.True(crowd.Answered > 300, $"{crowd.Answered} requests were answered");
        Assert.True(crowd.Hits > crowd.Answered / 3, $"{crowd.Hits} of {crowd.Answered} began with what was cached");
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    public void Steps_that_fail_leave_nothing_wrong_behind(int seed)
    {
        using var crowd = new Crowd(Options, seed, faults: true);
        crowd.Live(steps: 3_000);
        Assert.True(crowd.Answered > 200, $"{crowd.Answered} requests were answered");
        Assert.True(crowd.Faults > 20, $"{crowd.Faults} steps failed");
        Assert.True(crowd.Hits > 20, $"{crowd.Hits} began with what was cached");
    }

    [Fact]
    public void Without_a_cache_nothing_is_kept()
    {
        using var crowd = new Crowd(Options with { PrefixCache = false }, seed: 1, faults: false);
        crowd.Live(steps: 1_000);
        Assert.Equal((0, 0), (crowd.Hits, crowd.BlocksAtTheEnd));
    }

    /// <summary>Scheduler, toy model and toy stage, and those who ask.</summary>
    private sealed class Crowd : IDisposable
    {
        private readonly ToyStage _stage;
        private readonly Scheduler _scheduler;
        private readonly StepRunner _runner;
        private readonly StepInFlight _step = new(new WorkSignal());
        private readonly Random _random;
        private readonly bool _hasFaults;
        private readonly List<SequenceGroup> _open = [];
        private readonly List<int[]> _conversations = [[]];

        public Crowd(GeneratorOptions options, int seed, bool faults)
        {
            _stage = new ToyStage(options.CapacityTokens, options.BlockLength);
            _scheduler = new Scheduler(options);
            _runner = new StepRunner(new ToyModel(), _stage, ToyModel.HiddenSize, ToyModel.Tokenizer.VocabularySize);
            (_random, _hasFaults) = (new Random(seed), faults);
        }

        public int Answered { get; private set; }

        public int Hits { get; private set; }

        public int Faults { get; private set; }

        public int BlocksAtTheEnd { get; private set; }

        public void Live(int steps)
        {
            for (var step = 0; step < steps; step++)
            {
                if (_random.Next(5) == 0)
                {
                    Ask();
                }

                if (_open.Count > 0 && _random.Next(40) == 0)
                {
                    _scheduler.Cancel(_open[_random.Next(_open.Count)]);
                }

                Step();
                _open.RemoveAll(group => group.IsOver);
            }

            // The queue is first come, first served: all come to their end, and nothing stays reserved.
            for (var step = 0; step < 10_000 && Step(); step++)
            {
            }

            Assert.All(_open, group => Assert.True(group.IsOver));
            Assert.Equal((0, 0, 0), (_scheduler.ActiveCount, _scheduler.WaitingCount, _scheduler.KvUsage));
            Assert.Empty(_stage.Violations);
            BlocksAtTheEnd = _stage.UsedBlocks;
        }

        public void Dispose() => _runner.Dispose();

        /// <summary>Somebody goes on with a conversation, begins another, or asks the same again.</summary>
        private void Ask()
        {
            var known = _conversations[_random.Next(_conversations.Count)];
            var kept = _random.Next(3) == 0 ? _random.Next(known.Length + 1) : known.Length;
            int[] prompt = [.. known[..Math.Min(kept, 60)], .. Enumerable.Range(0, _random.Next(12)).Select(_ => 2 + _random.Next(6)), 3];
            var group = new SequenceGroup(prompt, 1 + _random.Next(20), 1 + (_random.Next(4) / 2));
            _scheduler.Submit(group);
            _open.Add(group);
        }

        private bool Step()
        {
            if (!_scheduler.TryPlan(_step.Plan))
            {
                // Closing that failed may wait until there is more to do.
                if (!_hasFaults)
                {
                    CheckRoom(isExact: true);
                }

                return false;
            }

            try
            {
                _stage.NextFault = _hasFaults && _random.Next(50) == 0 ? (ToyFault)(1 + _random.Next(3)) : ToyFault.None;
                _runner.Start(_step, CancellationToken.None);
                _runner.Finish(_step);
            }
            catch (IOException)
            {
                Faults++;
                CancelSome();
                _scheduler.Fail(_step.Plan);
                return true;
            }

            CheckRoom(isExact: false);
            CancelSome();
            Choose();
            return true;
        }

        /// <summary>Clients go while a step runs, too.</summary>
        private void CancelSome()
        {
            if (_open.Count > 0 && _random.Next(40) == 0)
            {
                _scheduler.Cancel(_open[_random.Next(_open.Count)]);
            }
        }

        /// <summary>What the stage has is never more than what the head counts; and just that where nothing is in flight.</summary>
        private void CheckRoom(bool isExact)
        {
            var blocks = CapacityTokens / Options.BlockLength;
            Assert.InRange(_scheduler.KvUsage, 0, 1);
            var counted = (int)Math.Round((_scheduler.KvUsage + _scheduler.IdleUsage) * blocks);
            Assert.InRange(_stage.UsedBlocks, isExact && _scheduler.ActiveCount == 0 ? counted : 0, Math.Min(blocks, counted));
        }

        private void Choose()
        {
            for (var row = 0; row < _step.Plan.Rows.Count; row++)
            {
                foreach (var sequence in _step.Plan.Rows[row].Readers)
                {
                    if (sequence.State == SequenceState.Over)
                    {
                        continue;
                    }

                    List<int> tokens = [.. Enumerable.Range(0, sequence.Length).Select(i => sequence[i])];
                    Assert.Equal(ToyModel.LogitsBehind(tokens), _runner.LogitsOf(row));
                    Choose(sequence, tokens, _runner.LogitsOf(row));
                }
            }
        }

        /// <summary>The likeliest token; the second choice takes the least likely one now and then.</summary>
        private void Choose(Sequence sequence, List<int> tokens, ReadOnlySpan<float> logits)
        {
            var likeliest = 0;
            for (var id = 1; id < logits.Length; id++)
            {
                likeliest = logits[id] > logits[likeliest] ? id : likeliest;
            }

            tokens.Add(sequence.Choice == 1 && tokens.Count % 3 == 0 ? 4 : likeliest);
            if (tokens.Count < sequence.Group.Capacity)
            {
                sequence.Append(tokens[^1]);
                return;
            }

            _scheduler.Finish(sequence);
            _conversations.Add([.. tokens]);
            if (_conversations.Count > 12)
            {
                _conversations.RemoveAt(_random.Next(_conversations.Count));
            }

            if (sequence.Group.IsOver)
            {
                Answered++;
                Hits += sequence.Group.CachedTokens > 0 ? 1 : 0;
            }
        }
    }
}
