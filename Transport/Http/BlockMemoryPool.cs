using System.Buffers;
using Microsoft.AspNetCore.Connections.Features;

namespace ManagedSwarm.Transport.Http;

/// <summary>
/// The memory that a server lends for answers which have not begun, or are not wanted any more. The shared pool's would do but for one thing: of
/// it, somebody who asks for no size in particular gets none at all, which a <see cref="IBufferWriter{T}"/> must not give.
/// </summary>
internal sealed class BlockMemoryPool : MemoryPool<byte>, IMemoryPoolFeature
{
    private const int Block = 4096;

    private BlockMemoryPool()
    {
    }

    public static BlockMemoryPool Instance { get; } = new();

    public override int MaxBufferSize => Shared.MaxBufferSize;

    MemoryPool<byte> IMemoryPoolFeature.MemoryPool => this;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => Shared.Rent(minBufferSize > 0 ? minBufferSize : Block);

    protected override void Dispose(bool disposing)
    {
        // It has nothing of its own.
    }
}
