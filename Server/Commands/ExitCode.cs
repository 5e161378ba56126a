namespace ManagedSwarm.Server.Commands;

/// <summary>What the process tells its caller.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>It could not do what was asked.</summary>
    public const int Failure = 1;

    /// <summary>It was asked wrongly.</summary>
    public const int Usage = 2;

    /// <summary>Shells' number for "ended by SIGINT".</summary>
    public const int Interrupted = 130;
}
