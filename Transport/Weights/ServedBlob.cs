using ManagedSwarm.Gguf;
using Microsoft.Win32.SafeHandles;

namespace ManagedSwarm.Transport.Weights;

/// <summary>A blob that pieces are read from, wherever it lies.</summary>
internal abstract class ServedBlob : IDisposable
{
    public abstract long Length { get; }

    /// <exception cref="IOException">Or <see cref="GgufFormatException"/>, <see cref="ObjectDisposedException"/>: it cannot be read.</exception>
    public abstract void Read(long offset, Span<byte> destination);

    public virtual void Dispose()
    {
    }

    /// <summary>A tensor of an open model.</summary>
    public sealed class OfTensor(ITensorStore store, TensorInfo tensor) : ServedBlob
    {
        public override long Length => tensor.ByteLength;

        public override void Read(long offset, Span<byte> destination) => store.ReadBytes(tensor, offset, destination);
    }

    /// <summary>A file of the cache.</summary>
    public sealed class OfFile(SafeFileHandle handle) : ServedBlob
    {
        public override long Length { get; } = RandomAccess.GetLength(handle);

        public override void Read(long offset, Span<byte> destination)
        {
            for (var done = 0; done < destination.Length;)
            {
                var count = RandomAccess.Read(handle, destination[done..], offset + done);
                done += count > 0 ? count : throw new EndOfStreamException("the file has become shorter");
            }
        }

        public override void Dispose()
        {
            handle.Dispose();
            base.Dispose();
        }
    }
}
