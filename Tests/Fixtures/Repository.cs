namespace ManagedSwarm.Tests.Fixtures;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>Its folder: where the solution is.</summary>
    public static string Root { get; } = Find();

    /// <summary>The full path of one of its files.</summary>
    public static string File(string relativePath) => Path.Combine(Root, relativePath);

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !System.IO.File.Exists(Path.Combine(folder.FullName, "ManagedSwarm.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"no ManagedSwarm.sln above {AppContext.BaseDirectory}");
    }
}
