namespace ManagedSwarm.Tests.Engine.Templates;

/// <summary>A clock that stands still.</summary>
/// <param name="zone">What it takes for local time.</param>
internal sealed class FixedTime(DateTimeOffset now, TimeZoneInfo? zone = null) : TimeProvider
{
    public override TimeZoneInfo LocalTimeZone { get; } = zone ?? TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => now;
}
