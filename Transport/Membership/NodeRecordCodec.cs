using System.Buffers;
using System.Text;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Wire;

namespace ManagedSwarm.Transport.Membership;

/// <summary>
/// Records as bytes: a <see cref="RecordEnvelope"/> with a <see cref="RecordPayload"/>. What is signed is
/// <c>"managedswarm/1/node-record" ‖ uvarint length ‖ network ‖ payload</c>, by Ed25519 (RFC 8032): a record of one network, or another
/// thing that the same key has signed, is no record here. The public key stands in the owner's peer id, so that nothing is to be looked up.
/// </summary>
/// <param name="identity">This node's. Stays the caller's.</param>
/// <param name="network">The network's name, as of <see cref="Token.SwarmKeys.Network"/>.</param>
internal sealed class NodeRecordCodec(Identity identity, string network) : INodeRecordCodec
{
    private readonly byte[] _domain = DomainOf(network);

    /// <inheritdoc/>
    public NodeRecord Read(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > RecordLimits.MaxBytes)
        {
            throw RecordErrors.TooLarge(bytes.Length);
        }

        try
        {
            return ReadCopy(bytes.ToArray());
        }
        catch (SwarmException exception) when (exception.Code is "invalid_frame" or "frame_too_large" or "invalid_peer_id" or "invalid_public_key")
        {
            throw RecordErrors.Invalid(exception.Message, exception);
        }
    }

    /// <inheritdoc/>
    public NodeRecord Sign(ulong sequence, TimeSpan timeToLive, bool isTombstone, NodeFacts facts)
    {
        ArgumentOutOfRangeException.ThrowIfZero(sequence);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sequence, (ulong)long.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(timeToLive, RecordLimits.MinTimeToLive);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeToLive, RecordLimits.MaxTimeToLive);
        var owner = identity.PeerId;
        var payload = new RecordPayload(owner, sequence, timeToLive, isTombstone, FittingFacts.Of(facts, owner));
        var bytes = payload.ToBytes();
        while (!RecordEnvelope.HasSpaceFor(bytes) && FittingFacts.WithLess(payload.Facts) is { } less)
        {
            payload = payload with { Facts = less };
            bytes = payload.ToBytes();
        }

        return ToRecord(payload, RecordEnvelope.Write(bytes, identity.Sign([.. _domain, .. bytes])));
    }

    private static byte[] DomainOf(string network)
    {
        var name = Encoding.UTF8.GetBytes(network);
        var output = new ArrayBufferWriter<byte>();
        output.Write("managedswarm/1/node-record"u8);
        Varint.Write(output, (ulong)name.Length);
        output.Write(name);
        return output.WrittenSpan.ToArray();
    }

    private static NodeRecord ToRecord(RecordPayload payload, byte[] bytes) => new()
    {
        Owner = payload.Owner,
        Sequence = payload.Sequence,
        TimeToLive = payload.TimeToLive,
        IsTombstone = payload.IsTombstone,
        Facts = payload.Facts,
        Bytes = bytes,
    };

    private static ReadOnlySpan<byte> PublicKeyOf(PeerId owner) =>
        Multihash.TryParse(owner.Bytes.Span, out var function, out var key) && function == Multihash.Identity
            ? key
            : throw RecordErrors.Invalid($"its owner {owner} is known by a hash only; allowed are Ed25519's ids, 12D3KooW...");

    private static void RequireOwnAddresses(RecordPayload payload)
    {
        foreach (var address in payload.Facts.Addresses)
        {
            if (address.PeerId is { } named && named != payload.Owner)
            {
                throw RecordErrors.Invalid($"{payload.Owner} names {Excerpt.Of(address.ToString())}, another peer's address");
            }
        }
    }

    private NodeRecord ReadCopy(byte[] bytes)
    {
        var envelope = RecordEnvelope.Read(bytes);

        // Before the signature: this costs less than a verification does.
        var payload = RecordPayload.Read(envelope.Payload);
        RequireOwnAddresses(payload);
        var key = PublicKeyOf(payload.Owner);
        byte[] signed = [.. _domain, .. envelope.Payload.ToArray()];
        return PublicKeyMessage.Verify(key, signed, envelope.Signature.ToArray())
            ? ToRecord(payload, bytes)
            : throw RecordErrors.Forged($"{payload.Owner} has not signed it, or not for this network");
    }
}
