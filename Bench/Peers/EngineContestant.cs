using System.Diagnostics;
using ManagedSwarm.Bench.Decode;

namespace ManagedSwarm.Bench.Peers;

/// <summary>This engine, in this process.</summary>
internal sealed class EngineContestant(EngineSession session, SpeedPlan plan) : IContestant
{
    private long _lastSequence;

    public string Name => "this engine";

    /// <summary>
    /// Runs everything until the JIT has compiled what is used often a second time, which it does in the background: at least for so long.
    /// </summary>
    public void WarmUp(TimeSpan time)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < time;)
        {
            Prompt(Math.Min(64, plan.Prompts.DefaultIfEmpty(1).Max()));
            Generate(8);
            foreach (var sequences in plan.Batches)
            {
                Batch(sequences, 1);
            }
        }
    }

    public IReadOnlyDictionary<string, double> Measure()
    {
        var speeds = new Dictionary<string, double>();
        foreach (var tokens in plan.Prompts)
        {
            Prompt(tokens);
            speeds.Add(SpeedPlan.PromptName(tokens), Mean(() => Prompt(tokens)));
        }

        foreach (var tokens in plan.Generations)
        {
            Generate(1);
            speeds.Add(SpeedPlan.GenerationName(tokens), Mean(() => Generate(tokens)));
        }

        foreach (var sequences in plan.Batches)
        {
            speeds.Add(SpeedPlan.BatchName(sequences), Batch(sequences, plan.BatchTokens));
        }

        return speeds;
    }

    private double Mean(Func<double> run) => Enumerable.Range(0, plan.Repetitions).Average(_ => run());

    private double Prompt(int tokens)
    {
        var sequence = Open(1, tokens)[0];
        var prompt = session.RandomTokens(tokens);
        var watch = Stopwatch.StartNew();
        session.Prompt(sequence, prompt);
        var speed = tokens / watch.Elapsed.TotalSeconds;
        session.Close(sequence);
        return speed;
    }

    private double Generate(int tokens) => Decode(Open(1, tokens), tokens);

    private double Batch(int count, int tokens)
    {
        var sequences = Open(count, plan.BatchPrompt + tokens);
        foreach (var sequence in sequences)
        {
            session.Prompt(sequence, session.RandomTokens(plan.BatchPrompt));
        }

        return Decode(sequences, tokens);
    }

    private double Decode(long[] sequences, int tokens)
    {
        var chosen = session.RandomTokens(sequences.Length * tokens);
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < tokens; i++)
        {
            session.Append(sequences, chosen.AsSpan(i * sequences.Length, sequences.Length), LogitRows.LastOfEach);
        }

        var speed = chosen.Length / watch.Elapsed.TotalSeconds;
        Array.ForEach(sequences, session.Close);
        return speed;
    }

    private long[] Open(int count, int capacity)
    {
        var sequences = new long[count];
        for (var i = 0; i < count; i++)
        {
            sequences[i] = ++_lastSequence;
            session.Open(sequences[i], capacity);
        }

        return sequences;
    }
}
