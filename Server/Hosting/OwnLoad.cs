using ManagedSwarm.Engine.Model;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Server.Hosting;

/// <summary>How far the load of this node's own model has come, for pages. Safe for use by many threads.</summary>
/// <param name="models">Told each time.</param>
/// <param name="next">Hears it, too; null: nobody does.</param>
/// <param name="time">The clock by which the rate is known.</param>
internal sealed class OwnLoad(ModelSlot models, IProgress<LoadProgress>? next, TimeProvider time) : IProgress<LoadProgress>
{
    private readonly long _since = time.GetTimestamp();

    public void Report(LoadProgress value)
    {
        var seconds = time.GetElapsedTime(_since).TotalSeconds;
        var rate = seconds > 0 ? (long)(value.BytesDone / seconds) : 0;
        models.Loading = new(StageState.Loading, value.BytesDone, value.BytesTotal, rate);
        next?.Report(value);
    }
}
