using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Bench.Swarm;

/// <summary>
/// Real records, of which each is verified once for all nodes together: ten thousand nodes would verify ten million signatures. What a
/// node reads is recognised by the very array that its maker has made; anything else is really read.
/// </summary>
/// <param name="real">Signs, and reads what nobody has read yet.</param>
/// <param name="known">Records by their bytes, shared by all nodes.</param>
internal sealed class SimulatedRecordCodec(NodeRecordCodec real, ConditionalWeakTable<byte[], NodeRecord> known) : INodeRecordCodec
{
    public NodeRecord Read(ReadOnlyMemory<byte> bytes)
    {
        if (!MemoryMarshal.TryGetArray(bytes, out var segment) || segment.Array is not { } array || array.Length != bytes.Length)
        {
            return real.Read(bytes);
        }

        if (!known.TryGetValue(array, out var record))
        {
            record = real.Read(bytes);
            known.AddOrUpdate(array, record);
        }

        return record;
    }

    public NodeRecord Sign(ulong sequence, TimeSpan timeToLive, bool isTombstone, NodeFacts facts)
    {
        var record = real.Sign(sequence, timeToLive, isTombstone, facts);
        if (MemoryMarshal.TryGetArray(record.Bytes, out var segment) && segment.Array is { } array)
        {
            known.AddOrUpdate(array, record);
        }

        return record;
    }
}
