using System.Diagnostics;

namespace ManagedSwarm.Server.Drills;

/// <summary>How this program starts itself once more, knowing nothing of what this one was told by its environment.</summary>
internal static class DrillProgram
{
    private const string Dotnet = "dotnet";

    private static readonly string[] Foreign = ["MANAGEDSWARM_", "LOCALAI_", "P2P_"];
    private static readonly string[] ForeignNames = ["P2P", "TOKEN"];
    private static readonly string[] Homes = ["HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"];

    /// <param name="home">Its folder: there all that it keeps is.</param>
    /// <param name="runtime">Where nodes of a drill find each other.</param>
    /// <param name="token">Of their swarm.</param>
    /// <param name="arguments">As typed behind the program's name.</param>
    public static ProcessStartInfo Start(string home, string runtime, string token, IEnumerable<string> arguments)
    {
        var own = Environment.ProcessPath;
        var library = Path.Combine(AppContext.BaseDirectory, "managedswarm.dll");
        var start = Path.GetFileNameWithoutExtension(own) == "managedswarm"
            ? new ProcessStartInfo(own!, arguments)
            : new ProcessStartInfo(Path.GetFileNameWithoutExtension(own) == Dotnet ? own! : Dotnet, [library, .. arguments]);
        (start.RedirectStandardOutput, start.RedirectStandardError, start.RedirectStandardInput) = (true, true, true);
        foreach (var name in start.Environment.Keys.Where(IsForeign).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var name in Homes)
        {
            start.Environment[name] = home;
        }

        start.Environment["XDG_RUNTIME_DIR"] = runtime;
        // Not among the arguments: these are everybody's to see.
        start.Environment["MANAGEDSWARM_TOKEN"] = token;
        return start;
    }

    private static bool IsForeign(string name) => name != "MANAGEDSWARM_TORCH_LIB"
        && (ForeignNames.Contains(name, StringComparer.OrdinalIgnoreCase)
            || Foreign.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)));
}
