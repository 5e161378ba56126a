namespace ManagedSwarm.Engine.Sampling;

/// <summary>
/// Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): a keyed bijection of a counter.
/// A number depends on what it is for and on nothing that was drawn before, so batching, n and replay cannot change it.
/// </summary>
internal static class Philox
{
    // The multipliers and Weyl increments are the paper's (section 4.3, table 2).
    private const uint Multiplier0 = 0xD2511F53;
    private const uint Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9;
    private const uint Weyl1 = 0xBB67AE85;
    private const int Rounds = 10;

    /// <summary>The number in [0, 1), of 53 random bits, with which a choice's token at a position is drawn.</summary>
    /// <param name="seed">The request's seed.</param>
    /// <param name="choice">Which choice of the request.</param>
    /// <param name="position">The position in the sequence, the prompt's tokens counted.</param>
    public static double Uniform(ulong seed, int choice, int position)
    {
        var block = Block(new Words((uint)position, (uint)choice, 0, 0), (uint)seed, (uint)(seed >> 32));
        return ((((ulong)block.W1 << 32) | block.W0) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>Encrypts one counter.</summary>
    public static Words Block(Words counter, uint key0, uint key1)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var product0 = (ulong)Multiplier0 * counter.W0;
            var product1 = (ulong)Multiplier1 * counter.W2;
            counter = new Words(
                (uint)(product1 >> 32) ^ counter.W1 ^ key0,
                (uint)product1,
                (uint)(product0 >> 32) ^ counter.W3 ^ key1,
                (uint)product0);
            key0 = unchecked(key0 + Weyl0);
            key1 = unchecked(key1 + Weyl1);
        }

        return counter;
    }

    /// <summary>128 bits.</summary>
    public readonly record struct Words(uint W0, uint W1, uint W2, uint W3);
}
