namespace ManagedSwarm.ModelsTest.Training;

/// <summary>How long, and how, a model is trained.</summary>
public sealed record TrainingPlan
{
    public int Steps { get; init; } = 4000;

    public int RowsPerStep { get; init; } = 4;

    /// <summary>In tokens: the context that the model learns to use.</summary>
    public int RowLength { get; init; } = 512;

    /// <summary>The highest.</summary>
    public double LearningRate { get; init; } = 3e-3;

    public ulong Seed { get; init; } = 1;
}
