namespace ManagedSwarm.Transport.Stages;

/// <summary>Knows who else could have layers of a model.</summary>
public interface IStagePlaces
{
    /// <summary>Finds others for layers that were lost; waits while there is nobody.</summary>
    /// <param name="gap">What is missing.</param>
    /// <param name="waiting">Told why there is nobody yet, each time that the reason is another one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Who takes them, in order; together just these layers.</returns>
    Task<IReadOnlyList<StageAssignment>> FindAsync(StageGap gap, Action<string> waiting, CancellationToken cancellationToken);
}
