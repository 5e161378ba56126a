namespace ManagedSwarm.Tests.Fixtures;

/// <summary>The test data beside the repository: <c>../shared</c>, where a checkout has it.</summary>
internal static class SharedData
{
    /// <summary>The folder, or null where there is none.</summary>
    public static string? Root { get; } = Find();

    /// <summary>A file or folder of it; the test is skipped where it is absent.</summary>
    public static string Require(string relativePath)
    {
        var path = Root is null ? null : Path.Combine(Root, relativePath);
        Assert.SkipUnless(path is not null && Path.Exists(path), $"needs ../shared/{relativePath}");
        return path;
    }

    private static string? Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ManagedSwarm.sln")))
        {
            folder = folder.Parent;
        }

        var shared = folder?.Parent is { } above ? Path.Combine(above.FullName, "shared") : null;
        return Directory.Exists(shared) ? shared : null;
    }
}
