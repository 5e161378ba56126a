using ManagedSwarm.Server.P2p;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Tests.Server.P2p;

/// <summary>Makes fake swarms and members.</summary>
internal static class FakeSwarms
{
    /// <summary>A setup that joins <see cref="FakeSwarm"/>.</summary>
    /// <param name="folder">Where the node's files are; null: nowhere that can be.</param>
    /// <param name="settings">How it joins; null: not at all.</param>
    public static SwarmSetup Setup(TemporaryFolder? folder = null, SwarmSettings? settings = null) => new()
    {
        Start = (options, _) => Task.FromResult<ISwarm>(new FakeSwarm(options)),
        Folders = new(folder?.Path ?? "/nowhere", null),
        Settings = settings ?? new(),
        Measure = () => new MachineFacts(8, 16L << 30, 12L << 30),
    };

    /// <summary>A member with a key of its own.</summary>
    public static SwarmMember Member(string name, MemberState state = MemberState.Alive, params string[] roles)
    {
        using var identity = Identity.Generate();
        return new()
        {
            Id = identity.PeerId,
            Facts = new() { Name = name, Version = "9.9.9", Roles = roles, Cores = 4, TotalMemory = 8L << 30, FreeMemory = 5L << 30 },
            Sequence = 7,
            State = state,
            SinceSeen = TimeSpan.FromSeconds(1.5),
        };
    }
}
