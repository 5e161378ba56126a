using System.IO.MemoryMappedFiles;

namespace ManagedSwarm.Gguf;

/// <summary>A file as read-only memory. Its pages come from disk when they are first touched.</summary>
/// <remarks>As with every mapping, a file that another program cuts short while it is open here ends the process.</remarks>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private byte* _pointer;

    private MappedFile(MemoryMappedFile file, MemoryMappedViewAccessor view, string path, long length)
    {
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

        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        MemoryMappedFile? file = null;
        try
        {
            var length = stream.Length;
            file = MemoryMappedFile.CreateFromFile(
                stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            return new MappedFile(file, file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read), path, length);
        }
        catch
        {
            file?.Dispose();
            stream.Dispose();
            throw;
        }
    }

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
    }
}
