using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using ManagedSwarm.Transport.Libp2p.PrivateNetwork;

namespace ManagedSwarm.Tests.Transport.Libp2p.PrivateNetwork;

/// <summary>XSalsa20 with vectors of all widths, those included that the processor does not have, against NaCl's published streams and libsodium.</summary>
public sealed class XSalsa20Tests
{
    // The key and nonce of NaCl's tests (https://nacl.cr.yp.to/stream.html).
    private static readonly byte[] Key = Convert.FromHexString("1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389");
    private static readonly byte[] Nonce = Convert.FromHexString("69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37");

    private static readonly Dictionary<int, Salsa20Kernel> Kernels = new()
    {
        [128] = Salsa20Kernels.Vectors128,
        [256] = Salsa20Kernels.Vectors256,
        [512] = Salsa20Kernels.Vectors512,
    };

    /// <summary>Bits of a vector.</summary>
    public static TheoryData<int> Widths => [.. Kernels.Keys];

    /// <summary>Bits of a vector, and a seed.</summary>
    public static TheoryData<int, int> Chunkings
    {
        get
        {
            var data = new TheoryData<int, int>();
            foreach (var width in Kernels.Keys)
            {
                for (var seed = 1; seed <= 3; seed++)
                {
                    data.Add(width, seed);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Begins_with_the_bytes_that_NaCl_publishes(int width)
    {
        var bytes = new byte[32];
        new XSalsa20(Key, Nonce, kernel: Kernels[width]).Apply(bytes);
        Assert.Equal("eea6a7251c1e72916d11c2cb214d3c252539121d8e234e652d651fa4c8cff880", Convert.ToHexStringLower(bytes));
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Four_mebibytes_have_the_hash_that_NaCl_publishes(int width)
    {
        var bytes = new byte[4 << 20];
        new XSalsa20(Key, Nonce, kernel: Kernels[width]).Apply(bytes);
        Assert.Equal("662b9d0e3463029156069b12f918691a98f7dfb2ca0393c96bbfc6b1fbd630a2", Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    [Theory]
    [MemberData(nameof(Chunkings))]
    public void Chunks_of_odd_sizes_are_what_libsodium_makes_of_the_whole(int width, int seed)
    {
        var random = new Random(seed);
        var (key, nonce, expected) = (new byte[32], new byte[24], new byte[100_003]);
        random.NextBytes(key);
        random.NextBytes(nonce);
        random.NextBytes(expected);
        var bytes = expected.ToArray();
        Sodium.XorXSalsa20(expected, nonce, 0, key);
        var cipher = new XSalsa20(key, nonce, kernel: Kernels[width]);
        for (var offset = 0; offset < bytes.Length;)
        {
            var size = Math.Min(bytes.Length - offset, random.Next(5) switch
            {
                0 => random.Next(3),
                1 => random.Next(64),
                2 => random.Next(1200),
                3 => Salsa20Kernels.BatchLength,
                _ => random.Next(8000),
            });
            cipher.Apply(bytes.AsSpan(offset, size));
            offset += size;
        }

        Assert.Equal(expected, bytes);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Block_numbers_go_beyond_32_bits(int width)
    {
        // Each block of the first batches is once the last one before.
        for (ulong before = 1; before <= 24; before++)
        {
            var (expected, bytes) = (new byte[4096], new byte[4096]);
            Sodium.XorXSalsa20(expected, Nonce, (1UL << 32) - before, Key);
            new XSalsa20(Key, Nonce, (1UL << 32) - before, Kernels[width]).Apply(bytes);
            Assert.Equal(expected, bytes);
        }
    }

    [Fact]
    public void Takes_vectors_that_the_processor_has()
    {
        var widest = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;
        Assert.Same(Kernels[widest], Salsa20Kernels.Best);
    }

    [Fact]
    public void Applied_twice_gives_back_what_was_there()
    {
        var bytes = new byte[777];
        Random.Shared.NextBytes(bytes);
        var copy = bytes.ToArray();
        new XSalsa20(Key, Nonce).Apply(bytes);
        Assert.NotEqual(copy, bytes);
        new XSalsa20(Key, Nonce).Apply(bytes);
        Assert.Equal(copy, bytes);
    }

    [Fact]
    public void A_key_prints_as_stars()
    {
        Assert.Equal("***", $"{new PreSharedKey(Key)}");
    }
}
