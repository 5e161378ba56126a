namespace ManagedSwarm.Server.Federation;

/// <summary>What became of a request at an instance.</summary>
internal enum RouteOutcome
{
    /// <summary>Nobody wanted to know any more.</summary>
    Cancelled,

    /// <summary>It was answered.</summary>
    Answered,

    /// <summary>It was answered with 500: by the instance's fault, or by the request's own.</summary>
    Erred,

    /// <summary>The instance cannot answer now, and said so.</summary>
    Failed,

    /// <summary>The instance does not answer, or broke off.</summary>
    Lost,
}
