using Microsoft.Win32.SafeHandles;

namespace ManagedSwarm.Transport.Weights;

/// <summary>Writes bytes at a place of a file, as <see cref="RandomAccess"/> does.</summary>
internal delegate void BlobWrite(SafeFileHandle handle, ReadOnlySpan<byte> bytes, long offset);
