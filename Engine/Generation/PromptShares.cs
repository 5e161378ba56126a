using System.Runtime.InteropServices;

namespace ManagedSwarm.Engine.Generation;

/// <summary>
/// How the prompts in flight share the tokens of a step. The oldest may take half of them, so that it ends whatever comes behind it. The
/// rest goes to those with the least left to compute, so that a short prompt does not wait for a long one.
/// A prompt that has not begun waits while another computes the very block that it needs next: it will find it in the prefix cache.
/// </summary>
internal sealed class PromptShares(PrefixCache prefixes, int blockLength)
{
    private readonly List<Share> _shares = [];

    /// <summary>The prompts in the order of their coming, each with its part of the step.</summary>
    public ReadOnlySpan<Share> All => CollectionsMarshal.AsSpan(_shares);

    public void Clear() => _shares.Clear();

    /// <summary>Adds a prompt; the oldest is the first.</summary>
    public void Add(Sequence sequence) => _shares.Add(new Share(sequence, 0));

    /// <param name="tokens">What the prompts have together.</param>
    public void Divide(int tokens)
    {
        if (_shares.Count == 0 || tokens == 0)
        {
            return;
        }

        var left = tokens - Give(0, (tokens + 1) / 2);
        while (left > 0 && FindShortest() is >= 0 and var shortest)
        {
            left -= Give(shortest, left);
        }
    }

    private int Give(int index, int most)
    {
        var (sequence, count) = _shares[index];
        var given = Math.Min(most, LeftOf(_shares[index]));
        _shares[index] = new Share(sequence, count + given);
        return given;
    }

    /// <summary>The prompt with the least left to compute, the oldest of those; -1: there is none.</summary>
    private int FindShortest()
    {
        var shortest = -1;
        for (var i = 0; i < _shares.Count; i++)
        {
            var left = LeftOf(_shares[i]);
            if (left > 0 && (shortest < 0 || left < LeftOf(_shares[shortest])) && !MustWait(_shares[i]))
            {
                shortest = i;
            }
        }

        return shortest;
    }

    private int LeftOf(Share share)
    {
        var sequence = share.Sequence;
        var computed = sequence.Id == 0 ? sequence.Group.PrefixBlocks * blockLength : sequence.Computed;
        return sequence.Length - computed - share.Count;
    }

    private bool MustWait(Share share)
    {
        var group = share.Sequence.Group;
        var next = group.PrefixBlocks;
        if (share.Sequence.Id != 0 || share.Count > 0 || !prefixes.CanReuse(group, next))
        {
            return false;
        }

        foreach (var (other, count) in _shares)
        {
            var hashes = other.Group.Hashes;
            if (count > 0 && next < hashes.Length && hashes[next] == group.Hashes[next])
            {
                return true;
            }
        }

        return false;
    }

    /// <param name="Sequence">The prompt.</param>
    /// <param name="Count">How many of its tokens are in the step.</param>
    internal readonly record struct Share(Sequence Sequence, int Count);
}
