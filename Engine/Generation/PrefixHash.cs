using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ManagedSwarm.Engine.Generation;

/// <summary>
/// The name of a full block of tokens together with all that stand before it: SHA-256 over the name of the block before and the block's
/// tokens. Nobody can find two prefixes with one name, so equal names are equal prefixes and the tokens need not be compared.
/// </summary>
internal readonly record struct PrefixHash(UInt128 High, UInt128 Low);

/// <summary>Names the blocks of sequences. For one thread.</summary>
/// <param name="blockLength">Tokens per block.</param>
internal sealed class PrefixHasher(int blockLength)
{
    private const int HalfBytes = 16;

    // Made when the first block is there: where blocks are longer than any prompt, there never is one.
    private byte[] _input = [];

    /// <summary>The names of the full blocks of a group's prompt, in order.</summary>
    public PrefixHash[] OfPrompt(SequenceGroup group)
    {
        var hashes = new PrefixHash[group.Prompt.Count / blockLength];
        var previous = default(PrefixHash);
        for (var block = 0; block < hashes.Length; block++)
        {
            hashes[block] = previous = OfBlock(previous, group.Sequences[0], block);
        }

        return hashes;
    }

    /// <summary>The name of one block.</summary>
    /// <param name="previous">The name of the block before it; the first block has none before it: the default.</param>
    /// <param name="sequence">Whose tokens.</param>
    /// <param name="block">Which block, from 0; the sequence has all its tokens.</param>
    public PrefixHash OfBlock(PrefixHash previous, Sequence sequence, int block)
    {
        const int NameBytes = 2 * HalfBytes;
        if (_input.Length == 0)
        {
            _input = new byte[checked(NameBytes + (blockLength * sizeof(int)))];
        }

        BinaryPrimitives.WriteUInt128LittleEndian(_input, previous.High);
        BinaryPrimitives.WriteUInt128LittleEndian(_input.AsSpan(HalfBytes), previous.Low);
        for (var i = 0; i < blockLength; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_input.AsSpan(NameBytes + (i * sizeof(int))), sequence[(block * blockLength) + i]);
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_input, hash);
        return new PrefixHash(
            BinaryPrimitives.ReadUInt128LittleEndian(hash), BinaryPrimitives.ReadUInt128LittleEndian(hash[HalfBytes..]));
    }
}
