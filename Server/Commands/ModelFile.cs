using System.Globalization;
using ManagedSwarm.Server.Hosting;

namespace ManagedSwarm.Server.Commands;

/// <summary>What can be said of a model's file before anything reads it.</summary>
internal static class ModelFile
{
    private static ReadOnlySpan<byte> Magic => "GGUF"u8;

    /// <summary>The model that ships with the program.</summary>
    public static string Default => Path.Combine(AppContext.BaseDirectory, "models", "tiny.gguf");

    /// <summary>Refuses what certainly is no model that fits.</summary>
    /// <exception cref="StartException">It is missing, a directory, unreadable, no GGUF file or larger than memory.</exception>
    public static void Check(string path, long availableMemory)
    {
        if (Directory.Exists(path))
        {
            throw new StartException($"{path} is a directory: expected a GGUF file");
        }

        if (!File.Exists(path))
        {
            throw new StartException($"{path} does not exist: expected a GGUF file");
        }

        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            CheckMagic(file, path);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new StartException($"{path} cannot be read: permission denied", exception);
        }
        catch (IOException exception)
        {
            throw new StartException($"{path} cannot be read: {exception.Message}", exception);
        }

        CheckMemory(path, availableMemory);
    }

    /// <summary>A number of bytes for people: <c>1.5 GiB</c>.</summary>
    public static string Size(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        var unit = bytes <= 0 ? 0 : Math.Min((int)Math.Log(bytes, 1024), units.Length - 1);
        return string.Create(CultureInfo.InvariantCulture, $"{bytes / Math.Pow(1024, unit):0.#} {units[unit]}");
    }

    private static void CheckMagic(FileStream file, string path)
    {
        Span<byte> first = stackalloc byte[Magic.Length];
        var length = file.ReadAtLeast(first, first.Length, throwOnEndOfStream: false);
        if (!first[..length].SequenceEqual(Magic))
        {
            throw new StartException(length == 0
                ? $"{path} is empty: expected a GGUF file"
                : $"{path} is not a GGUF file: it begins with the bytes {Convert.ToHexString(first[..length])}, expected {Convert.ToHexString(Magic)} ('GGUF')");
        }
    }

    private static void CheckMemory(string path, long availableMemory)
    {
        var size = new FileInfo(path).Length;
        if (size > availableMemory)
        {
            throw new StartException($"{path} is larger than memory: it has {Size(size)}, this machine {Size(availableMemory)}");
        }
    }
}
