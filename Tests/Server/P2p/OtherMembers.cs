using System.Collections;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Tests.Server.P2p;

/// <summary>Members that a test says, while a server looks at them: each change is another array.</summary>
internal sealed class OtherMembers : IReadOnlyList<SwarmMember>
{
    private volatile SwarmMember[] _all = [];

    /// <summary>As they are now.</summary>
    public SwarmMember[] All => _all;

    public int Count => _all.Length;

    public SwarmMember this[int index]
    {
        get => _all[index];
        set => _all = [.. _all[..index], value, .. _all[(index + 1)..]];
    }

    public void Add(SwarmMember member) => AddRange([member]);

    public void AddRange(IEnumerable<SwarmMember> members) => _all = [.. _all, .. members];

    public void Clear() => _all = [];

    public int FindIndex(Predicate<SwarmMember> isSo) => Array.FindIndex(_all, isSo);

    public IEnumerator<SwarmMember> GetEnumerator() => _all.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
