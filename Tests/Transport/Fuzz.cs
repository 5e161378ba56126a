using ManagedSwarm.Transport;

namespace ManagedSwarm.Tests.Transport;

/// <summary>Feeds a parser with damaged inputs: each is read or refused, and none costs much memory.</summary>
internal static class Fuzz
{
    public const int Cases = 100_000;

    // With the exception and its text: nothing of the size of a number in the input.
    private const long MaxAllocatedBytes = 128 << 10;

    /// <summary>Runs all cases.</summary>
    /// <param name="seed">Of the damage.</param>
    /// <param name="parse">Makes an input and parses it; true: it was read.</param>
    /// <param name="cases">How many.</param>
    public static void Run(int seed, Func<Mutation, bool> parse, int cases = Cases)
    {
        var mutation = new Mutation(seed);
        var read = 0;
        for (var i = 0; i < cases; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read += parse(mutation) ? 1 : 0;
            }
            catch (SwarmException exception)
            {
                Assert.NotEmpty(exception.Message);
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxAllocatedBytes);
        }

        // Otherwise the damage would be too weak, or so strong that only the first checks were ever reached.
        Assert.InRange(read, cases / 1000, cases * 99 / 100);
    }
}
