using System.Buffers;
using ManagedSwarm.Transport.Discovery;

namespace ManagedSwarm.Transport.Weights;

/// <summary>The files of a <see cref="BlobCache"/>; files with other names are not its own.</summary>
/// <param name="folder">A full path.</param>
internal sealed class BlobFolder(string folder)
{
    /// <summary>What the name of a blob ends with that is not whole.</summary>
    public const string PartSuffix = ".part";

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    public string Folder => folder;

    public string PathOf(string id) => Path.Combine(folder, id);

    public string PartOf(string id) => PathOf(id) + PartSuffix;

    /// <summary>The blob that a file is, or is a part of.</summary>
    public static string IdOf(string name) => name.EndsWith(PartSuffix, StringComparison.Ordinal) ? name[..^PartSuffix.Length] : name;

    /// <summary>All files, whole blobs and parts.</summary>
    public FileInfo[] List()
    {
        try
        {
            return [.. new DirectoryInfo(folder).EnumerateFiles().Where(file => IsOurs(file.Name))];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw WeightErrors.NotWritten(folder, exception);
        }
    }

    /// <summary>Makes the folder where there is none, and refuses what its disk has no room for.</summary>
    /// <exception cref="SwarmException"><c>disk_full</c>, <c>cache_unusable</c></exception>
    public void RequireFree(long needed)
    {
        long free;
        try
        {
            AtomicFile.CreateFolder(folder);
            free = new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw WeightErrors.NotWritten(folder, exception);
        }

        if (needed > free)
        {
            throw WeightErrors.DiskFull(folder, needed, free);
        }
    }

    /// <summary>Deletes a file that no process has open.</summary>
    public static bool TryEvict(FileInfo file)
    {
        try
        {
            using (File.OpenHandle(file.FullName, FileMode.Open, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose))
            {
                return true;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is found again, and judged again.
        }
    }

    private static bool IsOurs(string name) => IdOf(name) is { Length: WeightManifest.HashDigits } id && !id.AsSpan().ContainsAnyExcept(HexDigits);
}
