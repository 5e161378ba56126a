using System.Runtime.InteropServices;

namespace ManagedSwarm.Engine.Kernels;

/// <summary>A big piece of memory that the garbage collector does not know: aligned to pages, in huge ones where the system has them.</summary>
/// <remarks>
/// On Linux it is mapped, not taken from the heap: it is zero without being written, and what is freed goes back to the system at once.
/// Its pages come when they are first touched, so threads that fill it together share that work, too.
/// </remarks>
internal sealed unsafe class NativeBuffer : SafeHandle
{
    private const long PageBytes = 4096;

    private readonly bool _isMapped;

    private NativeBuffer(void* memory, long length, bool isMapped)
        : base(0, ownsHandle: true)
    {
        (Length, _isMapped) = (length, isMapped);
        SetHandle((nint)memory);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>In bytes.</summary>
    public long Length { get; }

    /// <summary>The first byte, at a multiple of a page's size.</summary>
    public byte* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return (byte*)handle;
        }
    }

    /// <summary>Takes memory.</summary>
    /// <param name="length">In bytes; more than 0.</param>
    /// <param name="zeroed">Whether all bytes must be 0.</param>
    /// <param name="purpose">What it is for, in the error's words.</param>
    /// <exception cref="EngineException"><c>out_of_memory</c></exception>
    public static NativeBuffer Allocate(long length, bool zeroed, string purpose)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        if (OperatingSystem.IsLinux() && LinuxMemory.TryMap(length, out var mapped))
        {
            return mapped is null ? throw OutOfMemory(length, purpose) : new NativeBuffer(mapped, length, isMapped: true);
        }

        try
        {
            var memory = NativeMemory.AlignedAlloc(checked((nuint)length), (nuint)PageBytes);
            if (zeroed)
            {
                NativeMemory.Clear(memory, (nuint)length);
            }

            return new NativeBuffer(memory, length, isMapped: false);
        }
        catch (Exception exception) when (exception is OutOfMemoryException or OverflowException)
        {
            throw OutOfMemory(length, purpose);
        }
    }

    /// <summary>
    /// Gives whole pages of a part back to the system, where it can take them: nobody reads or writes them any more. The others stay.
    /// </summary>
    /// <param name="start">The part's first byte.</param>
    /// <param name="length">In bytes; less than 1: nothing is done.</param>
    public void Forget(long start, long length)
    {
        var (first, end) = ((start + PageBytes - 1) / PageBytes * PageBytes, (start + length) / PageBytes * PageBytes);
        if (_isMapped && end > first)
        {
            LinuxMemory.Discard(Pointer + first, end - first);
        }
    }

    protected override bool ReleaseHandle()
    {
        if (_isMapped)
        {
            LinuxMemory.Unmap((void*)handle, Length);
        }
        else
        {
            NativeMemory.AlignedFree((void*)handle);
        }

        return true;
    }

    private static EngineException OutOfMemory(long length, string purpose)
    {
        var total = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return new("out_of_memory", $"{ByteSize.Text(length)} for {purpose} cannot be had; this machine has {ByteSize.Text(total)} in all");
    }
}
