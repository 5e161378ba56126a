namespace ManagedSwarm.Engine.Kernels;

/// <summary>Work in parts that do not depend on each other. A struct, so that handing it to the threads allocates nothing.</summary>
internal interface IParallelWork
{
    /// <summary>Does one part; called from any thread, once for each part.</summary>
    void Run(int part);
}
