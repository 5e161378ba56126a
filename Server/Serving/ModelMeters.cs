using System.Diagnostics.Metrics;

namespace ManagedSwarm.Server.Serving;

/// <summary>
/// Makes meters that end when whoever asked for them ends them. The application's own factory keeps one meter of each name for good, and with it
/// whatever its gauges ask: a model that was unloaded would never leave the memory.
/// </summary>
/// <param name="application">By which those who listen know whose meters they are.</param>
internal sealed class ModelMeters(IMeterFactory application) : IMeterFactory
{
    public Meter Create(MeterOptions options)
    {
        options.Scope = application;
        return new Meter(options);
    }

    public void Dispose()
    {
        // Meters belong to those who asked for them.
    }
}
