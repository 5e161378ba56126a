using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;

namespace ManagedSwarm.Tests.Engine.Kernels;

public sealed unsafe class RotationTests
{
    public static TheoryData<RopeKind, int, int> Sizes() => new MatrixTheoryData<RopeKind, int, int>(
        [RopeKind.Normal, RopeKind.NeoX], [1, 3, 4, 8, 11, 16, 32], [64, 65]);

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Rotates_pairs_and_nothing_else_by_two_products_and_a_sum(RopeKind kind, int pairs, int headSize)
    {
        const int Heads = 3;
        var random = new Random(pairs);
        var heads = Values(random, Heads * headSize);
        var (cosines, sines) = (Values(random, pairs), Values(random, pairs));
        var expected = heads.ToArray();
        for (var head = 0; head < Heads; head++)
        {
            for (var pair = 0; pair < pairs; pair++)
            {
                var a = (head * headSize) + (kind == RopeKind.Normal ? 2 * pair : pair);
                var b = kind == RopeKind.Normal ? a + 1 : a + pairs;
                var (x, y) = (expected[a], expected[b]);
                expected[a] = (x * cosines[pair]) - (y * sines[pair]);
                expected[b] = (x * sines[pair]) + (y * cosines[pair]);
            }
        }

        fixed (float* h = heads)
        {
            Rotation.Apply(h, Heads, headSize, kind, cosines, sines);
        }

        Assert.Equal(expected, heads);
    }

    private static float[] Values(Random random, int length) => [.. Enumerable.Range(0, length).Select(_ => (float)((random.NextDouble() * 8) - 4))];
}
