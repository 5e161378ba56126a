namespace ManagedSwarm.Transport.Membership;

/// <summary>What has become of a record that was given to a <see cref="Ledger"/>.</summary>
internal enum LedgerOutcome
{
    /// <summary>Its owner was not known: it is now.</summary>
    New,

    /// <summary>It is newer than the one that was held, and has taken its place.</summary>
    Updated,

    /// <summary>It is held already.</summary>
    Known,

    /// <summary>It is older than the one that is held, or was before it ran out.</summary>
    Stale,

    /// <summary>Its owner writes too often, or the ledger is full of owners that are nearer.</summary>
    Refused,
}
