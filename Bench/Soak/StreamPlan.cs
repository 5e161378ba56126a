namespace ManagedSwarm.Bench.Soak;

/// <summary>What a stream will go through. Both ends know it.</summary>
/// <param name="Id">Its number in the run.</param>
/// <param name="Outward">Bytes from the end that opens it.</param>
/// <param name="Inward">Bytes from the end that accepts it.</param>
/// <param name="Ending">How it ends.</param>
/// <param name="AnswersLast">Whether the accepting end says nothing before the other one has closed its direction.</param>
/// <param name="Stalls">Whether readers pause, longer than the windows last.</param>
/// <param name="Cancels">Whether readers give reads up and read again.</param>
internal sealed record StreamPlan(int Id, int Outward, int Inward, StreamEnding Ending, bool AnswersLast, bool Stalls, bool Cancels)
{
    /// <param name="most">Bytes of a direction.</param>
    public static StreamPlan Draw(int id, Random random, int most) => new(
        id,
        DrawLength(random, most),
        DrawLength(random, most),
        random.Next(6) switch { 0 => StreamEnding.ResetByOpener, 1 => StreamEnding.ResetByAccepter, _ => StreamEnding.Closed },
        AnswersLast: random.Next(4) == 0,
        Stalls: random.Next(5) == 0,
        Cancels: random.Next(5) == 0);

    /// <summary>As many small ones as large ones: of each size from none to the most.</summary>
    private static int DrawLength(Random random, int most) => (int)Math.Exp(random.NextDouble() * Math.Log(most)) - 1;
}
