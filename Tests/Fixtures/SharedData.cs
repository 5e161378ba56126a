namespace ManagedSwarm.Tests.Fixtures;

/// <summary>The test data beside the repository (<c>../shared</c>); tests that need it are skipped where it is absent.</summary>
internal static class SharedData
{
    /// <summary>The folder, or null where there is none.</summary>
    public static string? Root { get; } = FindRoot();

    /// <summary>The full path of a file or folder of the test data; skips the running test where it is absent.</summary>
    public static string Require(string relativePath)
    {
        var path = Root is null ? null : Path.Combine(Root, relativePath);
        Assert.SkipUnless(path is not null && Path.Exists(path), $"needs ../shared/{relativePath}");
        return path;
    }

    /// <summary>The names of the files in a folder of the test data that match, without their extension; none where it is absent.</summary>
    public static IEnumerable<string> Names(string folder, string pattern)
    {
        var path = Root is null ? null : Path.Combine(Root, folder);
        return path is not null && Directory.Exists(path)
            ? Directory.EnumerateFiles(path, pattern).Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)
            : [];
    }

    private static string? FindRoot()
    {
        var shared = Path.Combine(Repository.Root, "..", "shared");
        return Directory.Exists(shared) ? Path.GetFullPath(shared) : null;
    }
}
