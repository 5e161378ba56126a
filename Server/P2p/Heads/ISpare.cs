namespace ManagedSwarm.Server.P2p.Heads;

/// <summary>A member that fetches weights and keeps them. Disposing lets it forget them.</summary>
internal interface ISpare : IAsyncDisposable
{
    /// <summary>Ends when it has all; never where it is over before.</summary>
    Task Ready { get; }

    /// <summary>Ends when it is over, never with an exception.</summary>
    Task Over { get; }

    /// <summary>Why it is over; null: it is not.</summary>
    string? Failure { get; }
}
