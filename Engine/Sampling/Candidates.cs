namespace ManagedSwarm.Engine.Sampling;

/// <summary>
/// The tokens that may still be chosen, with their logits; buffers for one vocabulary, allocated once. Sorted only as far as needed.
/// A candidate is one integer, so that plain integer order is "likelier first, then lower id" and knows no ties:
/// <code>
/// bits 63..32  the logit, as an integer that falls where the logit grows
/// bits 31..0   the token's id
/// </code>
/// Filters follow llama.cpp's samplers of the same name (src/llama-sampling.cpp); each sees the probabilities of what the one before left.
/// </summary>
internal sealed class Candidates
{
    // Enough for the usual top-p; each further look sorts four times as many.
    private const int FirstSorted = 128;
    private const int SortedGrowth = 4;

    private readonly ulong[] _keys;
    private readonly double[] _weights;
    private ulong[]? _scores;
    private int _sorted;

    public Candidates(int vocabularySize)
    {
        _keys = new ulong[vocabularySize];
        _weights = new double[vocabularySize];
    }

    /// <summary>How many are left.</summary>
    public int Count { get; private set; }

    /// <summary>Starts again with all tokens: logits is (vocabularySize), without NaN.</summary>
    public void Fill(ReadOnlySpan<float> logits)
    {
        for (var id = 0; id < logits.Length; id++)
        {
            _keys[id] = ((ulong)~Ordered(logits[id]) << 32) | (uint)id;
        }

        Count = logits.Length;
        _sorted = 0;
    }

    /// <summary>The token of the i-th candidate, likeliest first.</summary>
    public int TokenAt(int index)
    {
        SortTo(index + 1);
        return TokenOf(_keys[index]);
    }

    /// <summary>Keeps the <paramref name="count"/> likeliest.</summary>
    public void TopK(int count)
    {
        SortTo(count);
        Keep(Math.Min(count, Count));
    }

    /// <summary>Keeps the likeliest until their probabilities reach <paramref name="p"/> together; at least one.</summary>
    public void TopP(double p)
    {
        var maximum = Maximum();
        var enough = p * Weigh(maximum, 1);
        var sum = 0.0;
        for (var i = 0; i < Count; i++)
        {
            SortTo(i + 1);
            sum += Math.Exp(LogitOf(_keys[i]) - maximum);
            if (sum >= enough)
            {
                Keep(i + 1);
                return;
            }
        }
    }

    /// <summary>Keeps those at least <paramref name="p"/> times as likely as the likeliest.</summary>
    public void MinP(double p)
    {
        var minimum = Maximum() + Math.Log(p);
        var kept = 0;
        for (var i = 0; i < Count; i++)
        {
            if (LogitOf(_keys[i]) >= minimum)
            {
                _keys[kept++] = _keys[i];
            }
        }

        Keep(kept);
    }

    /// <summary>
    /// Keeps those whose surprise is nearest to the expected one, until their probabilities exceed <paramref name="p"/> together
    /// (locally typical sampling, arXiv 2202.00666). Distances are compared as floats; of equal ones the likelier is nearer.
    /// </summary>
    public void Typical(double p)
    {
        SortTo(Count);
        _scores ??= new ulong[_keys.Length];
        var maximum = Maximum();
        var total = Weigh(maximum, 1);
        var logTotal = Math.Log(total);
        var entropy = 0.0;
        for (var i = 0; i < Count; i++)
        {
            entropy -= _weights[i] / total * (LogitOf(_keys[i]) - maximum - logTotal);
        }

        for (var i = 0; i < Count; i++)
        {
            var surprise = maximum + logTotal - LogitOf(_keys[i]);
            _scores[i] = ((ulong)Ordered((float)Math.Abs(surprise - entropy)) << 32) | (uint)i;
        }

        KeepLowestScores(p * total);
    }

    /// <summary>
    /// Draws one: with <paramref name="uniform"/> in [0, 1) and the weights exp(logit / temperature), in the candidates' order.
    /// </summary>
    public int Draw(double temperature, double uniform)
    {
        var rest = uniform * Weigh(Maximum(), temperature);
        var last = 0;
        for (var i = 0; i < Count; i++)
        {
            if (_weights[i] == 0)
            {
                continue;
            }

            last = i;
            rest -= _weights[i];
            if (rest < 0)
            {
                break;
            }
        }

        return TokenOf(_keys[last]);
    }

    private static int TokenOf(ulong key) => (int)(uint)key;

    private static float LogitOf(ulong key)
    {
        var ordered = ~(uint)(key >> 32);
        return BitConverter.UInt32BitsToSingle((ordered & 0x8000_0000) != 0 ? ordered & 0x7FFF_FFFF : ~ordered);
    }

    /// <summary>A float's bits as an integer that grows with the float; both zeros are one.</summary>
    private static uint Ordered(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value + 0f);
        return (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
    }

    private float Maximum()
    {
        var best = _keys[0];
        for (var i = 1; i < (_sorted > 0 ? 1 : Count); i++)
        {
            best = Math.Min(best, _keys[i]);
        }

        return LogitOf(best);
    }

    /// <summary>Fills the weights, relative to the likeliest, and returns their sum.</summary>
    private double Weigh(float maximum, double temperature)
    {
        var total = 0.0;
        for (var i = 0; i < Count; i++)
        {
            var weight = Math.Exp(((double)LogitOf(_keys[i]) - maximum) / temperature);
            _weights[i] = weight;
            total += weight;
        }

        return total;
    }

    private void KeepLowestScores(double enough)
    {
        var scores = _scores.AsSpan(0, Count);
        scores.Sort();
        var (kept, sum) = (0, 0.0);
        while (kept < scores.Length && sum <= enough)
        {
            scores[kept] = (uint)scores[kept];
            sum += _weights[(int)scores[kept++]];
        }

        // Back to "likelier first": the indices, ascending, never point before the place that they are moved to.
        scores[..kept].Sort();
        for (var i = 0; i < kept; i++)
        {
            _keys[i] = _keys[(int)scores[i]];
        }

        Keep(kept);
    }

    private void Keep(int count)
    {
        Count = count;
        _sorted = Math.Min(_sorted, count);
    }

    /// <summary>Brings at least the first <paramref name="count"/> into their places.</summary>
    private void SortTo(int count)
    {
        if (count <= _sorted || _sorted == Count)
        {
            return;
        }

        var end = Math.Min(Count, Math.Max(count, Math.Max(FirstSorted, SortedGrowth * _sorted)));
        var rest = _keys.AsSpan(_sorted, Count - _sorted);
        Select(rest, end - _sorted);
        rest[..(end - _sorted)].Sort();
        _sorted = end;
    }

    /// <summary>
    /// Brings the <paramref name="count"/> smallest keys to the front, in any order: Hoare's FIND, and a sort where its luck runs out.
    /// </summary>
    private static void Select(Span<ulong> keys, int count)
    {
        for (var luck = 2 * (int)ulong.Log2((ulong)keys.Length + 1); count > 0 && count < keys.Length; luck--)
        {
            if (luck == 0)
            {
                keys.Sort();
                return;
            }

            var split = Partition(keys);
            if (count <= split)
            {
                keys = keys[..split];
            }
            else
            {
                keys = keys[split..];
                count -= split;
            }
        }
    }

    /// <summary>Splits keys (two or more) so that no key on the left is greater than one on the right; neither part is empty.</summary>
    private static int Partition(Span<ulong> keys)
    {
        var pivot = keys[(keys.Length - 1) / 2];
        var (left, right) = (-1, keys.Length);
        while (true)
        {
            do
            {
                left++;
            }
            while (keys[left] < pivot);
            do
            {
                right--;
            }
            while (keys[right] > pivot);
            if (left >= right)
            {
                return right + 1;
            }

            (keys[left], keys[right]) = (keys[right], keys[left]);
        }
    }
}
