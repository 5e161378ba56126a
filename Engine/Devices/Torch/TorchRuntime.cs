using System.Runtime.InteropServices;
using TorchSharp;

namespace ManagedSwarm.Engine.Devices.Torch;

/// <summary>
/// Loads libtorch when a torch device is first asked for, and never before: it takes 150 MiB of memory and up to seconds.
/// Must be done before any member of TorchSharp is touched, because TorchSharp's own loader, where it finds nothing, copies libtorch
/// (500 MB) beside the program first.
/// </summary>
internal static class TorchRuntime
{
    /// <summary>TorchSharp's own native library, which calls libtorch.</summary>
    private const string Binding = "LibTorchSharp";

    /// <summary>
    /// A version of the C++ library that LibTorchSharp 0.107.0 names because GCC 13 linked it, and of which it uses no symbol.
    /// Where the system has an older one (Debian 12), the need is made weak.
    /// </summary>
    private const string UnusedVersion = "GLIBCXX_3.4.32";

    private static readonly Lock Gate = new();
    private static readonly string[] CpuLibraries = ["c10", "torch_cpu"];
    private static readonly string[] CudaLibraries = ["c10_cuda", "torch_cuda"];
    private static nint _binding;
    private static bool _hasCuda;

    /// <summary>Loads what is needed, once.</summary>
    /// <param name="cuda">Whether CUDA is needed.</param>
    /// <exception cref="EngineException"><c>torch_unavailable</c>: a library is missing or does not load.</exception>
    public static void EnsureLoaded(bool cuda)
    {
        lock (Gate)
        {
            if (_binding != 0 && (_hasCuda || !cuda))
            {
                return;
            }

            Load(cuda, Environment.GetEnvironmentVariable(TorchLibraries.DirectoryVariable));
        }
    }

    private static void Load(bool cuda, string? installedTorch)
    {
        if (OperatingSystem.IsLinux())
        {
            LibC.Tune();
        }

        var directories = TorchLibraries.TorchDirectories(installedTorch);
        foreach (var library in (string[])[.. CpuLibraries, .. cuda ? CudaLibraries : [], "torch"])
        {
            _ = LoadLibrary(Require(library, directories));
        }

        _hasCuda = cuda;
        if (_binding == 0)
        {
            var binding = LoadBinding(Require(Binding, [.. TorchLibraries.ProgramDirectories(), .. directories]));
            RequireFoundByTorchSharp();
            NativeLibrary.SetDllImportResolver(typeof(torch).Assembly, (name, _, _) => name == Binding ? binding : 0);
            _binding = binding;
        }
    }

    private static string Require(string library, IReadOnlyList<string> directories) =>
        TorchLibraries.Find(library, directories) ?? throw new EngineException(
            "torch_unavailable",
            $"{TorchLibraries.FileName(library)} is in none of {string.Join(", ", directories.Distinct())}; "
                + $"{TorchLibraries.DirectoryVariable} may name the lib directory of an installed torch");

    private static nint LoadLibrary(string path)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            throw Unloadable(path, exception);
        }
    }

    private static nint LoadBinding(string path)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (DllNotFoundException exception)
            when (OperatingSystem.IsLinux() && exception.Message.Contains(UnusedVersion, StringComparison.Ordinal))
        {
            return LoadPatched(path);
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            throw Unloadable(path, exception);
        }
    }

    /// <summary>Loads a copy that does without <see cref="UnusedVersion"/>; the mapping outlives the file.</summary>
    private static nint LoadPatched(string path)
    {
        try
        {
            var image = File.ReadAllBytes(path);
            _ = ElfVersionNeeds.MarkWeak(image, "GLIBCXX_3.4.32"u8);

            // A directory that only we may enter (0700), with a name that nobody can guess.
            var directory = Directory.CreateTempSubdirectory("managedswarm-");
            try
            {
                var copy = Path.Combine(directory.FullName, Path.GetFileName(path));
                Write(copy, image);
                return LoadLibrary(copy);
            }
            finally
            {
                directory.Delete(recursive: true);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw Unloadable(path, exception);
        }
    }

    private static void Write(string path, byte[] image)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(path, options);
        file.Write(image);
    }

    /// <summary>TorchSharp looks for its library by this very call; only where it fails does TorchSharp copy packages.</summary>
    private static void RequireFoundByTorchSharp()
    {
        if (!NativeLibrary.TryLoad(Binding, typeof(torch).Assembly, null, out _))
        {
            throw new EngineException("torch_unavailable", $"{TorchLibraries.FileName(Binding)} was loaded, but is not found by its name");
        }
    }

    private static EngineException Unloadable(string path, Exception exception) =>
        new("torch_unavailable", $"{path} does not load: {exception.Message.ReplaceLineEndings(" ").Trim()}", exception);
}
