using System.Runtime.InteropServices;

namespace ManagedSwarm.Engine.Devices.Torch;

/// <summary>Where libtorch's native libraries are, and what they are called here.</summary>
internal static class TorchLibraries
{
    /// <summary>Names the directory of an installed torch (<c>…/site-packages/torch/lib</c>) that is used instead of our own.</summary>
    public const string DirectoryVariable = "MANAGEDSWARM_TORCH_LIB";

    /// <summary>The file that holds a library on this system.</summary>
    public static string FileName(string library) =>
        OperatingSystem.IsWindows() ? $"{library}.dll" : OperatingSystem.IsMacOS() ? $"lib{library}.dylib" : $"lib{library}.so";

    /// <summary>The first place that has the library.</summary>
    /// <param name="library">Its name without prefix and suffix.</param>
    /// <param name="directories">Where to look, in order.</param>
    public static string? Find(string library, IEnumerable<string> directories) =>
        directories.Select(directory => Path.Combine(directory, FileName(library))).FirstOrDefault(File.Exists);

    /// <summary>Where libtorch may be: the installed torch alone where one is named, else beside the program.</summary>
    public static IReadOnlyList<string> TorchDirectories(string? installedTorch) =>
        string.IsNullOrEmpty(installedTorch) ? ProgramDirectories() : [Path.GetFullPath(installedTorch)];

    /// <summary>Where the program's own native libraries are: as the host resolved them, and as the build lays them out.</summary>
    public static IReadOnlyList<string> ProgramDirectories()
    {
        var resolved = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return [.. resolved, Path.Combine(AppContext.BaseDirectory, "runtimes", Platform(), "native"), AppContext.BaseDirectory];
    }

    private static string Platform()
    {
        var system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        return $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
    }
}
