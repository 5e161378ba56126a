using System.Runtime.Intrinsics;

namespace ManagedSwarm.Transport.Libp2p.PrivateNetwork;

/// <summary>
/// The stream cipher XSalsa20 (https://cr.yp.to/snuffle/xsalsa-20110204.pdf) from its first byte on, any number of bytes at a time. It
/// hides bytes and does not authenticate them. No tables, no branches on secrets.
/// </summary>
internal sealed class XSalsa20
{
    /// <summary>Bytes of a key.</summary>
    public const int KeyLength = 32;

    /// <summary>Bytes of a nonce, which is never used twice with one key.</summary>
    public const int NonceLength = 24;

    private const int BatchLength = Salsa20Kernels.BatchLength;

    private readonly Salsa20Kernel _kernel;
    private readonly uint[] _diagonals;
    private readonly byte[] _keystream = new byte[BatchLength];
    private int _used = BatchLength;
    private ulong _block;

    /// <param name="key"><see cref="KeyLength"/> bytes.</param>
    /// <param name="nonce"><see cref="NonceLength"/> bytes.</param>
    /// <param name="firstBlock">Which block of 64 bytes the stream begins with.</param>
    /// <param name="kernel">Makes the stream; null: the fastest here.</param>
    public XSalsa20(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ulong firstBlock = 0, Salsa20Kernel? kernel = null)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyLength);
        ArgumentOutOfRangeException.ThrowIfNotEqual(nonce.Length, NonceLength);
        Span<uint> x = stackalloc uint[16];
        Salsa20Core.DeriveState(key, nonce, x);
        _diagonals = [x[0], x[5], x[10], x[15], x[4], x[9], x[14], x[3], x[8], x[13], x[2], x[7], x[12], x[1], x[6], x[11]];
        x.Clear();
        (_kernel, _block) = (kernel ?? Salsa20Kernels.Best, firstBlock);
    }

    /// <summary>Encrypts or decrypts in place what comes next in the stream.</summary>
    public void Apply(Span<byte> data)
    {
        while (!data.IsEmpty)
        {
            if (_used == BatchLength)
            {
                var whole = data.Length - (data.Length % BatchLength);
                XorBlocks(data[..whole]);
                data = data[whole..];
                if (data.IsEmpty)
                {
                    return;
                }

                Array.Clear(_keystream);
                XorBlocks(_keystream);
                _used = 0;
            }

            var count = Math.Min(data.Length, BatchLength - _used);
            Xor(data[..count], _keystream.AsSpan(_used, count));
            _used += count;
            data = data[count..];
        }
    }

    /// <summary>XORs the next blocks of keystream to whole batches.</summary>
    private void XorBlocks(Span<byte> data)
    {
        _kernel(_diagonals, _block, data);
        _block += (ulong)(data.Length / Salsa20Core.BlockLength);
    }

    private static void Xor(Span<byte> data, ReadOnlySpan<byte> keystream)
    {
        var i = 0;
        for (; i <= data.Length - Vector256<byte>.Count; i += Vector256<byte>.Count)
        {
            (Vector256.Create<byte>(data[i..]) ^ Vector256.Create(keystream[i..])).CopyTo(data[i..]);
        }

        for (; i < data.Length; i++)
        {
            data[i] ^= keystream[i];
        }
    }
}
