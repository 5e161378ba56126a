using ManagedSwarm.Server.Federation;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Tests.Server.Federation.Policies;

/// <summary>Instances that a test makes up, and requests for them.</summary>
internal static class Candidates
{
    /// <summary>Idle ones of the same speed. They are the same each time: chance shares out prompts by their ids, and may be far off.</summary>
    public static List<Candidate> Idle(int count) => [.. Enumerable.Range(0, count).Select(i =>
    {
        using var identity = Identity.FromSeed(Seed(i));
        return new Candidate(identity.PeerId, $"n{i}", 0, 1, 0);
    })];

    /// <summary>A request for a prompt of so many blocks, whose first ones are those of a group.</summary>
    public static RouteRequest Request(int group, int shared, int own, int number = 0) => new()
    {
        Body = default,
        Model = "m",
        Prefix =
        [
            .. Enumerable.Range(0, shared).Select(block => Block(group, block)),
            .. Enumerable.Range(shared, own).Select(block => Block(1000 + (group * 1000) + number, block)),
        ],
    };

    private static byte[] Seed(int number) => [.. Enumerable.Repeat((byte)(number + 1), 32)];

    private static ulong Block(int group, int block) => StableHash.Mix((((ulong)group + 1) << 20) + (ulong)block);
}
