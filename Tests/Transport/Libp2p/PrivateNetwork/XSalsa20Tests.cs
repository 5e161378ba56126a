using System.Security.Cryptography;
using ManagedSwarm.Transport.Libp2p.PrivateNetwork;

namespace ManagedSwarm.Tests.Transport.Libp2p.PrivateNetwork;

/// <summary>XSalsa20 against the published streams of NaCl and against libsodium.</summary>
public sealed class XSalsa20Tests
{
    // The key and nonce of NaCl's tests (https://nacl.cr.yp.to/stream.html).
    private static readonly byte[] Key = Convert.FromHexString("1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389");
    private static readonly byte[] Nonce = Convert.FromHexString("69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37");

    [Fact]
    public void Begins_with_the_bytes_that_NaCl_publishes()
    {
        var bytes = new byte[32];
        new XSalsa20(Key, Nonce).Apply(bytes);
        Assert.Equal("eea6a7251c1e72916d11c2cb214d3c252539121d8e234e652d651fa4c8cff880", Convert.ToHexStringLower(bytes));
    }

    [Fact]
    public void Four_mebibytes_have_the_hash_that_NaCl_publishes()
    {
        var bytes = new byte[4 << 20];
        new XSalsa20(Key, Nonce).Apply(bytes);
        Assert.Equal("662b9d0e3463029156069b12f918691a98f7dfb2ca0393c96bbfc6b1fbd630a2", Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Chunks_of_odd_sizes_are_what_libsodium_makes_of_the_whole(int seed)
    {
        var random = new Random(seed);
        var (key, nonce, expected) = (new byte[32], new byte[24], new byte[100_003]);
        random.NextBytes(key);
        random.NextBytes(nonce);
        random.NextBytes(expected);
        var bytes = expected.ToArray();
        Sodium.XorXSalsa20(expected, nonce, 0, key);
        var cipher = new XSalsa20(key, nonce);
        for (var offset = 0; offset < bytes.Length;)
        {
            var size = Math.Min(bytes.Length - offset, random.Next(5) switch
            {
                0 => random.Next(3),
                1 => random.Next(64),
                2 => random.Next(1200),
                3 => 1024,
                _ => random.Next(8000),
            });
            cipher.Apply(bytes.AsSpan(offset, size));
            offset += size;
        }

        Assert.Equal(expected, bytes);
    }

    [Fact]
    public void Block_numbers_go_beyond_32_bits()
    {
        const ulong First = (1UL << 32) - 5;
        var (expected, bytes) = (new byte[4096], new byte[4096]);
        Sodium.XorXSalsa20(expected, Nonce, First, Key);
        new XSalsa20(Key, Nonce, First).Apply(bytes);
        Assert.Equal(expected, bytes);
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
