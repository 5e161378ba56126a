using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Server.Serving;

/// <summary>
/// The models that may be loaded while the program runs: the one that it was started with, and the GGUF files of its user's folders. They are asked
/// for by name: nobody who asks names a path.
/// </summary>
/// <param name="first">The model that the program was started with.</param>
/// <param name="folders">The user's; none: the folder of the first model.</param>
internal sealed class ModelCatalog(ModelRequest first, params IReadOnlyList<string> folders)
{
    /// <summary>Files of one folder; the rest of them is left out.</summary>
    public const int MaxFiles = 1000;

    /// <summary>The model that the program was started with.</summary>
    public ModelRequest First => first;

    /// <summary>Where is looked.</summary>
    public IReadOnlyList<string> Folders { get; } = folders.Count > 0 ? folders : [Path.GetDirectoryName(first.Path) is { Length: > 0 } beside ? beside : "."];

    /// <summary>What is there now: the first model, then the others by folder and name. A name that is there twice means the first of them.</summary>
    public IReadOnlyList<ModelFile> List() =>
    [
        .. Folders
            .SelectMany(folder => GgufFolder.List(folder, MaxFiles))
            .Where(model => model.Path != Path.GetFullPath(first.Path, Environment.CurrentDirectory))
            .Prepend(new ModelFile(first.Name, first.Path, SizeOf(first.Path)))
            .DistinctBy(model => model.Name),
    ];

    /// <summary>How a model is loaded: as the first one, but for what was said of that one alone.</summary>
    /// <returns>Null: no such model is there.</returns>
    public ModelRequest? Find(string name)
    {
        if (name == first.Name)
        {
            return first;
        }

        return List().FirstOrDefault(model => model.Name == name) is { } file ? new(
            file.Path,
            file.Name,
            first.Options with { ChatTemplate = null },
            first.Head.Strategy is ManualStrategy ? first.Head with { Strategy = null } : first.Head) : null;
    }

    /// <summary>A file's size in bytes; 0: it cannot be told.</summary>
    public static long SizeOf(string path)
    {
        try
        {
            return new FileInfo(path).Length;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException)
        {
            return 0;
        }
    }
}
