using ManagedSwarm.Bench.Decode;

namespace ManagedSwarm.Bench.Quality;

/// <summary>Has two sets of kernels read the same texts, and compares what they expect at each position.</summary>
internal sealed class TeacherForcing(EngineSession judge, EngineSession candidate)
{
    /// <summary>Tokens per step: their logits must all be kept.</summary>
    private const int StepTokens = 64;

    public Divergence Compare(IEnumerable<int[]> texts)
    {
        var divergence = new Divergence();
        foreach (var text in texts)
        {
            Compare(text, divergence);
        }

        return divergence;
    }

    private void Compare(int[] text, Divergence divergence)
    {
        const long Sequence = 1;
        judge.Open(Sequence, text.Length);
        candidate.Open(Sequence, text.Length);
        for (var first = 0; first < text.Length; first += StepTokens)
        {
            var tokens = text.AsSpan(first, Math.Min(StepTokens, text.Length - first));
            judge.Append([Sequence], tokens, LogitRows.All);
            candidate.Append([Sequence], tokens, LogitRows.All);
            for (var i = 0; i < tokens.Length; i++)
            {
                var next = first + i + 1;
                divergence.Add(judge.LogitsOf(i), candidate.LogitsOf(i), next < text.Length ? text[next] : null);
            }
        }

        judge.Close(Sequence);
        candidate.Close(Sequence);
    }
}
