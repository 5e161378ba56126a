using ManagedSwarm.Server.P2pApi;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>The stages of a model that is spread over the swarm, as those see them who answer requests. Safe for use by many threads.</summary>
internal interface IModelStages
{
    /// <summary>Whether steps through them come to an end, even if some layers are lost just now.</summary>
    bool AreKept { get; }

    /// <summary>What they have done so far, in the order of their layers; none where all layers are on this machine.</summary>
    IReadOnlyList<StageWork> Work { get; }

    /// <summary>Who has which layers, and how fast that is; null: all layers are on this machine, or they are being placed.</summary>
    SplitBody? Split { get; }

    /// <summary>A reply was measured.</summary>
    void Measured(ReplyMeasurement reply);
}
