namespace ManagedSwarm.Gguf;

/// <summary>The model files of a folder, by their names: none is opened.</summary>
public static class GgufFolder
{
    private const string Pattern = "*.gguf";

    private static readonly EnumerationOptions Lenient = new() { IgnoreInaccessible = true, MatchCasing = MatchCasing.CaseInsensitive };

    /// <summary>Finds them; folders in it are not looked into. Of a split model, the first part stands for all.</summary>
    /// <param name="folder">Where to look.</param>
    /// <param name="limit">Where there are more files, the rest is left out.</param>
    /// <returns>In the order of their names; none where there is no such folder, or it cannot be read.</returns>
    public static IReadOnlyList<ModelFile> List(string folder, int limit)
    {
        try
        {
            var files = new DirectoryInfo(folder).EnumerateFiles(Pattern, Lenient).Take(limit).Select(file => (file.FullName, file.Length)).ToList();
            return
            [
                .. files
                    .GroupBy(file => FirstPartOf(file.FullName), StringComparer.Ordinal)
                    .Where(parts => parts.Any(part => part.FullName == parts.Key))
                    .Select(parts => new ModelFile(GgufFile.NameOf(parts.Key), parts.Key, parts.Sum(part => part.Length)))
                    .OrderBy(model => model.Name, StringComparer.Ordinal),
            ];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return [];
        }
    }

    private static string FirstPartOf(string path) => SplitName.Parse(path) is { } part ? (part with { Number = 1 }).ToString() : path;
}
