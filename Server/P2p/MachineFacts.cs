using ManagedSwarm.Transport.Membership.Facts;

namespace ManagedSwarm.Server.P2p;

/// <summary>What this process may use of its machine.</summary>
/// <param name="Cores">Processors.</param>
/// <param name="TotalMemory">Bytes at most.</param>
/// <param name="FreeMemory">Bytes of them that are free.</param>
internal sealed record MachineFacts(int Cores, long TotalMemory, long FreeMemory)
{
    /// <summary>Measures now.</summary>
    public static MachineFacts Measure()
    {
        var memory = HostMemory.Measure();
        return new(Environment.ProcessorCount, memory.Total, memory.Free);
    }
}
