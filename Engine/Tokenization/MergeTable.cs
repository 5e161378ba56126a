using System.Numerics;

namespace ManagedSwarm.Engine.Tokenization;

/// <summary>What two neighbouring symbols become.</summary>
/// <param name="Priority">The lower, the earlier.</param>
/// <param name="Result">The symbol that takes their place; negative: they stay two.</param>
internal readonly record struct Merge(int Priority, int Result);

/// <summary>
/// Pairs of symbols and what they become: a hash table with open addressing. A <see cref="Dictionary{TKey,TValue}"/> with a 64-bit
/// key hashes it to left XOR right, which puts too many pairs in the same place.
/// </summary>
internal sealed class MergeTable
{
    private const ulong Empty = ulong.MaxValue;
    private const ulong GoldenRatio = 0x9E3779B97F4A7C15;
    private ulong[] _keys;
    private Merge[] _merges;
    private int _shift;

    public MergeTable(int capacity)
    {
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(capacity * 2L, 16, 1 << 30));
        (_keys, _merges, _shift) = Allocate(size);
    }

    public int Count { get; private set; }

    /// <summary>Adds a pair; the first merge of a pair is the one that counts.</summary>
    public bool TryAdd(int left, int right, Merge merge)
    {
        if ((Count + 1L) * 2 > _keys.Length)
        {
            Grow();
        }

        var key = Key(left, right);
        var slot = Find(key);
        if (_keys[slot] == key)
        {
            return false;
        }

        (_keys[slot], _merges[slot]) = (key, merge);
        Count++;
        return true;
    }

    /// <summary>Finds a pair. A negative symbol is in none.</summary>
    public bool TryGet(int left, int right, out Merge merge)
    {
        if ((left | right) < 0)
        {
            merge = default;
            return false;
        }

        var slot = Find(Key(left, right));
        merge = _merges[slot];
        return _keys[slot] != Empty;
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private static (ulong[] Keys, Merge[] Merges, int Shift) Allocate(int size)
    {
        var keys = new ulong[size];
        Array.Fill(keys, Empty);
        return (keys, new Merge[size], 64 - BitOperations.Log2((uint)size));
    }

    /// <summary>The slot of a key, or the empty one where it belongs.</summary>
    private int Find(ulong key)
    {
        var keys = _keys;
        var slot = (int)((key * GoldenRatio) >> _shift);
        while (keys[slot] != key && keys[slot] != Empty)
        {
            slot = (slot + 1) & (keys.Length - 1);
        }

        return slot;
    }

    private void Grow()
    {
        var (keys, merges) = (_keys, _merges);
        (_keys, _merges, _shift) = Allocate(checked(keys.Length * 2));
        for (var i = 0; i < keys.Length; i++)
        {
            if (keys[i] != Empty)
            {
                var slot = Find(keys[i]);
                (_keys[slot], _merges[slot]) = (keys[i], merges[i]);
            }
        }
    }
}
