namespace ManagedSwarm.Tests.Engine.Kernels.Attention;

/// <summary>Queries, keys and values by position.</summary>
internal sealed class MadeUpTokens
{
    private readonly List<float[]> _queries = [];
    private readonly List<float[]> _keys = [];
    private readonly List<float[]> _values = [];

    /// <param name="shape">The heads.</param>
    /// <param name="length">Tokens.</param>
    /// <param name="seed">Other seeds, other tokens.</param>
    /// <param name="scale">Keys and values are within it.</param>
    /// <param name="prefix">The first tokens are those of another sequence, before <paramref name="shared"/>.</param>
    /// <param name="shared">How many.</param>
    public MadeUpTokens(HeadShape shape, int length, int seed, float scale = 2f, MadeUpTokens? prefix = null, int shared = 0)
    {
        var random = new Random(seed);
        for (var position = 0; position < length; position++)
        {
            var isShared = position < shared;
            _queries.Add(isShared ? prefix!.Query(position) : Values(random, shape.QueryWidth, 2f));
            _keys.Add(isShared ? prefix!.Key(position) : Values(random, shape.KvHeads * shape.KeySize, scale));
            _values.Add(isShared ? prefix!.Value(position) : Values(random, shape.KvHeads * shape.ValueSize, scale));
        }
    }

    public float[] Query(int position) => _queries[position];

    public float[] Key(int position) => _keys[position];

    public float[] Value(int position) => _values[position];

    private static float[] Values(Random random, int count, float scale) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2) - 1) * scale)];
}
