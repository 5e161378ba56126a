using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace ManagedSwarm.Gguf;

/// <summary>A file as read-only memory. Its pages come from disk when they are first touched.</summary>
/// <remarks>As with every mapping, a file that another program cuts short while it is open here ends the process; <see cref="Read"/> reports it.</remarks>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private byte* _pointer;

    private MappedFile(SafeFileHandle handle, MemoryMappedFile file, MemoryMappedViewAccessor view, string path, long length)
    {
        _handle = handle;
        _file = file;
        _view = view;
        Path = path;
        Length = length;
        byte* pointer = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        _pointer = pointer + view.PointerOffset;
    }

    public string Path { get; }

    public long Length { get; }

    /// <summary>Maps a file.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="GgufFormatException">It is a directory, or has no bytes.</exception>
    public static MappedFile Open(string path)
    {
        if (Directory.Exists(path))
        {
            throw new GgufFormatException("this is a directory, not a GGUF file", 0, path);
        }

        var information = new FileInfo(path);
        if (!information.Exists)
        {
            throw new FileNotFoundException($"{path}: there is no such file", path);
        }

        // Before the file is opened: a named pipe has no length either, and opening one would wait for its other end.
        if (information.Length == 0)
        {
            throw new GgufFormatException("the file is empty", 0, path);
        }

        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        MemoryMappedFile? file = null;
        try
        {
            var length = RandomAccess.GetLength(handle);
            file = MemoryMappedFile.CreateFromFile(
                handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            return new MappedFile(handle, file, file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read), path, length);
        }
        catch
        {
            file?.Dispose();
            handle.Dispose();
            throw;
        }
    }

    /// <summary>What the open file is now: this one, even where another has taken its name since.</summary>
    public FileStamp CreateStamp() => new(
        System.IO.Path.GetFullPath(Path), RandomAccess.GetLength(_handle), File.GetLastWriteTimeUtc(_handle).Ticks);

    /// <summary>Where some bytes of the file are in memory, until <see cref="Dispose"/>.</summary>
    public byte* GetPointer(long offset, long count)
    {
        ObjectDisposedException.ThrowIf(_pointer is null, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Length - offset);
        return _pointer + offset;
    }

    public ReadOnlySpan<byte> GetSpan(long offset, int count) => new(GetPointer(offset, count), count);

    /// <summary>Copies bytes of the file without mapping their pages, which would count as this process's memory.</summary>
    /// <exception cref="GgufFormatException">The file has become shorter.</exception>
    public void Read(long offset, Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_pointer is null, this);
        for (var done = 0; done < destination.Length;)
        {
            var count = RandomAccess.Read(_handle, destination[done..], offset + done);
            if (count == 0)
            {
                throw new GgufFormatException(
                    $"the file ends here, {destination.Length - done} bytes too early: it was cut after it was opened", offset + done, Path);
            }

            done += count;
        }
    }

    public void Dispose()
    {
        if (_pointer is null)
        {
            return;
        }

        _pointer = null;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
        _handle.Dispose();
    }
}
