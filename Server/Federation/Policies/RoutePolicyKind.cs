namespace ManagedSwarm.Server.Federation.Policies;

/// <summary>How the router chooses among instances.</summary>
internal enum RoutePolicyKind
{
    /// <summary>Where the beginning of the prompt is known, as long as that one is not much busier; else the least busy.</summary>
    Balanced,

    /// <summary>The least busy.</summary>
    LeastBusy,

    /// <summary>Where the beginning of the prompt is known, however busy that one is.</summary>
    Prefix,

    /// <summary>Any.</summary>
    Random,

    /// <summary>Always the same one.</summary>
    Target,
}
