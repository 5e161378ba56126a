namespace ManagedSwarm.Server.Pages.Swarm.State;

/// <summary>A model whose layers are spread over nodes.</summary>
/// <param name="Model">What it is called.</param>
/// <param name="Head">The id of the node that asks for its steps; null: another one, which this node does not know.</param>
/// <param name="Stages">In the order of their layers.</param>
/// <param name="Wire">What hidden states are sent as; null: not known.</param>
/// <param name="PredictedMs">Per token, as the plan had it; null: not known.</param>
/// <param name="MeasuredMs">Per token, as measured last; null: not yet.</param>
/// <param name="FirstTokenMs">Until the first token, as measured last; null: not yet.</param>
/// <param name="PromptTokens">Of that prompt.</param>
/// <param name="Spares">Nodes that keep weights for the day on which one is lost, in words.</param>
public sealed record PipelineCard(
    string Model,
    string? Head,
    EqualList<PipelineStage> Stages,
    string? Wire = null,
    double? PredictedMs = null,
    double? MeasuredMs = null,
    double? FirstTokenMs = null,
    int? PromptTokens = null,
    EqualList<string>? Spares = null)
{
    /// <summary>How much longer a token took than was predicted, as a part of that; null: not known.</summary>
    public double? Error => PredictedMs > 0 && MeasuredMs is { } measured ? (measured / PredictedMs) - 1 : null;

    /// <summary>All layers, as far as they are there.</summary>
    public int LayerCount => Stages.Count == 0 ? 0 : Stages[^1].End;
}

/// <param name="NodeId">Who has it.</param>
/// <param name="Node">What that one is called.</param>
/// <param name="First">Its first layer.</param>
/// <param name="End">The layer behind its last one.</param>
/// <param name="HopMs">What a step takes on its way to it, the mean of all hops and of the way back; null: not measured, or it need not go anywhere.</param>
/// <param name="WaitMs">Until its turn there; null: not measured.</param>
/// <param name="ComputeMs">Its own work; null: not measured.</param>
public sealed record PipelineStage(string NodeId, string Node, int First, int End, double? HopMs = null, double? WaitMs = null, double? ComputeMs = null);
