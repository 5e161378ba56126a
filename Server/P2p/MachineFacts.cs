using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Transport.Membership.Facts;

namespace ManagedSwarm.Server.P2p;

/// <summary>What this process may use of its machine.</summary>
/// <param name="Cores">Processors.</param>
/// <param name="TotalMemory">Bytes at most.</param>
/// <param name="FreeMemory">Bytes of them that are free.</param>
internal sealed record MachineFacts(int Cores, long TotalMemory, long FreeMemory)
{
    // What is measured must not take the memory that others are about to be given.
    private const int SpareBuffers = 8;

    /// <summary>Bytes per second that are read from memory: takes tens of milliseconds. 0: there is too little memory to find out.</summary>
    public static long MeasureBandwidth() =>
        HostMemory.Measure().Free >= SpareBuffers * MemoryReadSpeed.BufferBytes ? MemoryReadSpeed.Measure(Environment.ProcessorCount) : 0;

    /// <summary>Measures now.</summary>
    public static MachineFacts Measure()
    {
        var memory = HostMemory.Measure();
        return new(Environment.ProcessorCount, memory.Total, memory.Free);
    }
}
