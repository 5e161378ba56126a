using System.Collections;
using System.Runtime.CompilerServices;

namespace ManagedSwarm.Server.Pages;

/// <summary>A list that is equal to another one of equal elements, so that records of what a page shows tell whether it shows anything new.</summary>
[CollectionBuilder(typeof(EqualList), nameof(EqualList.Create))]
public sealed class EqualList<T> : IReadOnlyList<T>, IEquatable<EqualList<T>>
{
    private readonly T[] _items;

    internal EqualList(T[] items) => _items = items;

    public int Count => _items.Length;

    public T this[int index] => _items[index];

    public bool Equals(EqualList<T>? other) => other is not null && _items.AsSpan().SequenceEqual(other._items);

    public override bool Equals(object? obj) => Equals(obj as EqualList<T>);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var item in _items)
        {
            hash.Add(item);
        }

        return hash.ToHashCode();
    }

    public IEnumerator<T> GetEnumerator() => _items.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>Makes them.</summary>
public static class EqualList
{
    public static EqualList<T> Create<T>(ReadOnlySpan<T> items) => new(items.ToArray());
}
