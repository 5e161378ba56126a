using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Transport.Stages;

/// <summary>A stage that is ready to compute, on the thread that calls it. Disposing frees it.</summary>
/// <param name="Stage">Is this one's.</param>
/// <param name="Numerics">What decides its last bits.</param>
/// <param name="PerLayer">What a layer takes for one token, measured; zero: it was not.</param>
/// <param name="Resources">What the stage stands on, disposed behind it; null: nothing.</param>
public sealed record LoadedStage(IStage Stage, NumericIdentity Numerics, TimeSpan PerLayer, IDisposable? Resources = null) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        await Stage.DisposeAsync();
        Resources?.Dispose();
    }
}
