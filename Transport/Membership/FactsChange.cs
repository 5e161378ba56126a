namespace ManagedSwarm.Transport.Membership;

/// <summary>What has changed in what a node says about itself.</summary>
internal enum FactsChange
{
    None,

    /// <summary>Free memory or load, a little: nobody needs to know.</summary>
    Trifle,

    /// <summary>Free memory, load or what was measured: others should know in time.</summary>
    Minor,

    /// <summary>Anything else: others should know at once.</summary>
    Major,
}
