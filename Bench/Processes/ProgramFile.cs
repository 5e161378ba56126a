namespace ManagedSwarm.Bench.Processes;

/// <summary>The program that is measured as a process of its own: this build's, or another one, such as a published one.</summary>
internal static class ProgramFile
{
    /// <summary>The environment variable that names another <c>managedswarm.dll</c>.</summary>
    public const string Variable = "MANAGEDSWARM_PROGRAM";

    public static string Path => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } other
        ? other
        : System.IO.Path.Combine(AppContext.BaseDirectory, "managedswarm.dll");
}
