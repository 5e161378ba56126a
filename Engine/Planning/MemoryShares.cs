namespace ManagedSwarm.Engine.Planning;

/// <summary>Layers in proportion to memory.</summary>
internal static class MemoryShares
{
    /// <summary>
    /// Divides layers by the method of largest remainders: each gets its share rounded down, and those that lose most by it one more; of
    /// equals the first.
    /// </summary>
    /// <param name="layerCount">What is divided.</param>
    /// <param name="memory">Bytes of each.</param>
    public static int[] Of(int layerCount, IReadOnlyList<long> memory)
    {
        var total = memory.Aggregate((Int128)0, (sum, bytes) => sum + bytes);
        if (total == 0)
        {
            return Of(layerCount, [.. memory.Select(_ => 1L)]);
        }

        var parts = memory.Select(bytes => Int128.DivRem(layerCount * (Int128)bytes, total)).ToArray();
        int[] shares = [.. parts.Select(part => (int)part.Quotient)];
        var left = layerCount - shares.Sum();
        // A stable sort: of equal remainders, the first.
        foreach (var index in Enumerable.Range(0, parts.Length).OrderByDescending(index => parts[index].Remainder).Take(left))
        {
            shares[index]++;
        }

        return shares;
    }
}
