using ManagedSwarm.Server.Drills;

namespace ManagedSwarm.Bench.Drills;

/// <summary>What is resident in the processes of a swarm, in bytes.</summary>
/// <param name="Head">In the head.</param>
/// <param name="Workers">In all workers together.</param>
internal readonly record struct DrillMemory(long Head, long Workers)
{
    public static DrillMemory Of(DrillSwarm swarm) => new(swarm.Head.ResidentBytes, swarm.Workers.Sum(worker => worker.ResidentBytes));
}
