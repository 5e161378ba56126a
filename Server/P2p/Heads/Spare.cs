using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Server.P2p.Heads;

/// <summary>A member that stands by for some ranges of layers: only with all of them it is of use.</summary>
/// <param name="standbys">One for each range; this one's.</param>
internal sealed class Spare(IReadOnlyList<StageStandby> standbys) : ISpare
{
    public Task Ready { get; } = Task.WhenAll(standbys.Select(standby => standby.Ready));

    public Task Over { get; } = Task.WhenAny(standbys.Select(standby => standby.Over));

    public string? Failure => standbys.Select(standby => standby.Failure?.Message).FirstOrDefault(reason => reason is not null);

    public async ValueTask DisposeAsync()
    {
        foreach (var standby in standbys)
        {
            await standby.DisposeAsync();
        }
    }
}
