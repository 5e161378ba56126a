using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Generation;

namespace ManagedSwarm.Tests.Engine.Generation;

/// <summary>
/// Thousands of short lives of a scheduler with several steps in flight: requests come, go, begin alike and have several choices; stages
/// are ahead of what the head knows; steps fail; the number of steps in flight changes. A stage that takes the steps in order must always be
/// able to do them, and must have in its sequences just the tokens that the head thinks are there.
/// </summary>
public sealed class SchedulerFlightSimulationTests
{
    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Whatever_happens_the_stages_can_follow(bool hasPrefixCache, bool hasFaults)
    {
        var (answered, failures, deepest) = (0, 0, 0);
        for (var seed = 0; seed < 1_000; seed++)
        {
            var life = new Life(seed, hasPrefixCache, hasFaults);
            life.Run(actions: 200);
            answered += life.Answered;
            failures += life.Failures;
            deepest = Math.Max(deepest, life.Deepest);
        }

        Assert.True(answered > 5_000, $"{answered} requests were answered");
        Assert.Equal(hasFaults, failures > 500);
        Assert.Equal(5, deepest);
    }

    private sealed class Life
    {
        private readonly Random _random;
        private readonly GeneratorOptions _options;
        private readonly Scheduler _scheduler;
        private readonly OrderedStage _stage;
        private readonly List<StepPlan> _inFlight = [];
        private readonly List<SequenceGroup> _groups = [];
        private readonly bool _hasFaults;
        private int _depth = 1;

        // Of those in flight, so many have been computed.
        private int _applied;

        public Life(int seed, bool hasPrefixCache, bool hasFaults)
        {
            (_random, _hasFaults) = (new Random(seed), hasFaults);
            _options = new GeneratorOptions
            {
                HiddenSize = 1,
                ContextLength = 100,
                CapacityTokens = 60 + _random.Next(200),
                BlockLength = 1 + _random.Next(6),
                TokensPerStep = 8 + _random.Next(20),
                PromptTokensBesideReplies = 1 + _random.Next(10),
                PromptTokensPerStepInFlight = 1 + _random.Next(12),
                MaxSequences = 2 + _random.Next(6),
                QueueLength = 1_000,
                PrefixCache = hasPrefixCache,
            };
            _scheduler = new Scheduler(_options);
            _stage = new OrderedStage(_options.CapacityTokens, _options.BlockLength);
        }

        public int Answered { get; private set; }

        public int Failures { get; private set; }

        public int Deepest { get; private set; }

        public void Run(int actions)
        {
            for (var action = 0; action < actions; action++)
            {
                Act(_random.Next(_hasFaults ? 51 : 50));
            }

            // Closing that has failed waits for the next request: one more, and all come to their end.
            Submit([1], maxTokens: 1, choices: 1);
            while (TryPlan() || TryFinish())
            {
            }

            Assert.All(_groups, group => Assert.True(group.IsOver));
            Assert.Equal((0, 0, 0), (_scheduler.ActiveCount, _scheduler.WaitingCount, _scheduler.KvUsage));
            Assert.Equal(CountedBlocks, _stage.UsedBlocks);
            Assert.Equal(CountedBlocks > 0, _stage.OpenCount > 0);
        }

        private int CountedBlocks
        {
            get
            {
                var blocks = (_options.CapacityTokens + _options.BlockLength - 1) / _options.BlockLength;
                return (int)Math.Round((_scheduler.KvUsage + _scheduler.IdleUsage) * blocks);
            }
        }

        private void Act(int action)
        {
            switch (action)
            {
                case < 5:
                    Ask();
                    break;
                case 5 when _groups.Count > 0:
                    _scheduler.Cancel(_groups[_random.Next(_groups.Count)]);
                    break;
                case 6:
                    _depth = 1 + _random.Next(5);
                    break;
                case < 16:
                    TryCompute();
                    break;
                case < 32:
                    TryFinish();
                    break;
                case < 50:
                    TryPlan();
                    break;
                default:
                    Fail();
                    break;
            }
        }

        private void Ask()
        {
            var beginning = _random.Next(3);
            int[] prompt = [.. Enumerable.Range(0, _random.Next(30)).Select(i => (i * 7) + beginning), _random.Next(4)];
            Submit(prompt, 1 + _random.Next(12), 1 + (_random.Next(6) / 4));
        }

        private void Submit(int[] prompt, int maxTokens, int choices)
        {
            var group = new SequenceGroup(prompt, maxTokens, choices);
            try
            {
                _scheduler.Submit(group);
                _groups.Add(group);
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

            Check(plan);
            _inFlight.Add(plan);
            Deepest = Math.Max(Deepest, _inFlight.Count);
            return true;
        }

        /// <summary>What can be seen of a plan without doing it.</summary>
        private void Check(StepPlan plan)
        {
            Assert.InRange(plan.Tokens.Count, 0, _options.TokensPerStep);
            Assert.Equal(plan.Segments.Count, plan.Segments.DistinctBy(segment => segment.Sequence).Count());
            Assert.True(plan.Segments.Count > 0 || _inFlight.Count == 0, "a step of nothing but operations takes a place");
            var replies = plan.Rows.Where(row => !row.IsPromptEnd).Select(row => row.Sequence).ToHashSet();
            var prompts = plan.Tokens.Count - replies.Count;
            Assert.True(_depth == 1 || prompts <= _options.PromptTokensPerStepInFlight, $"{prompts} tokens of prompts at depth {_depth}");

            // Whose token is not known yet cannot go on.
            var earlier = _inFlight.SelectMany(step => step.Rows).SelectMany(row => row.Readers.ToArray()).ToHashSet();
            Assert.DoesNotContain(replies, earlier.Contains);
            var all = _groups.SelectMany(group => group.Sequences.ToArray()).Count(sequence => sequence.State == SequenceState.Reply);
            Assert.True(replies.Count <= (all + _depth - 1) / _depth, $"{replies.Count} of {all} replies at depth {_depth}");
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
            if (_inFlight.Count == 0 || (_applied == 0 && !TryCompute()))
            {
                return false;
            }

            var plan = _inFlight[0];
            _inFlight.RemoveAt(0);
            _applied--;
            foreach (var row in plan.Rows)
            {
                foreach (var sequence in row.Readers)
                {
                    if (sequence.State != SequenceState.Over)
                    {
                        Choose(sequence, row);
                    }
                }
            }

            return true;
        }

        private void Choose(Sequence sequence, StepRow row)
        {
            // Whatever the stage has done since for the same sequence, it had these tokens, and no others, when it computed the row.
            Assert.Equal(Enumerable.Range(0, sequence.Length).Select(i => sequence[i]), _stage.TokensOf(row.Sequence.Id).Take(sequence.Length));
            if (sequence.Length + 1 < sequence.Group.Capacity && _random.Next(12) > 0)
            {
                sequence.Append(_random.Next(5));
                return;
            }

            _scheduler.Finish(sequence);
            Answered += sequence.Group.IsOver ? 1 : 0;
        }

        private void Fail()
        {
            if (_inFlight.Count == 0)
            {
                return;
            }

            Failures++;
            _stage.BreakOff(_inFlight.Skip(_applied), _random);
            _scheduler.Fail(_inFlight);
            _inFlight.Clear();
            _applied = 0;
        }
    }
}
