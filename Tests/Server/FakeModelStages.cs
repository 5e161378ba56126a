using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2pApi;

namespace ManagedSwarm.Tests.Server;

/// <summary>Stages that have done what a test says.</summary>
internal sealed class FakeModelStages : IModelStages
{
    public bool AreKept { get; set; }

    public Func<IReadOnlyList<StageWork>> Working { get; init; } = () => [];

    public IReadOnlyList<StageWork> Work => Working();

    public SplitBody? Split { get; init; }

    /// <summary>The measurements so far.</summary>
    public List<ReplyMeasurement> Replies { get; } = [];

    public void Measured(ReplyMeasurement reply) => Replies.Add(reply);
}
