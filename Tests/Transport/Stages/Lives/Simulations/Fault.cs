namespace ManagedSwarm.Tests.Transport.Stages.Lives.Simulations;

/// <summary>What goes wrong in a simulated run.</summary>
internal enum Fault
{
    None = 0,
    WorkerDies = 1,
    WorkerFreezes = 2,
    ControlBreaks = 3,
    LinkBreaks = 4,
    LinkSticks = 5,
    WorkerUnloads = 6,
    StepFails = 7,
    LoadFails = 8,
    HeadCloses = 9,
    WorkerLeaves = 10,
}
