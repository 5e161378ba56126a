namespace ManagedSwarm.Tests.Transport.Stages.Lives.Simulations;

/// <summary>Something goes wrong.</summary>
/// <param name="Message">Before which message arrives.</param>
/// <param name="Stage">Where, counted around.</param>
/// <param name="Fault">What.</param>
internal sealed record Strike(int Message, int Stage, Fault Fault);
