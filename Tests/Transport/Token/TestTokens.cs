using System.Buffers.Binary;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Tests.Transport.Token;

/// <summary>A token with known bytes, and what other programs made of it.</summary>
internal static class TestTokens
{
    public const string Plain = "mswarm1:AYCBgoOEhYaHiImKi4yNjo8AAAAHAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8AAJC3qAA";

    /// <summary>Closed and fast, one address, and a field 1 of 32 zeros.</summary>
    public const string Full =
        "mswarm1:AYCBgoOEhYaHiImKi4yNjo8AAAAHAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8DAQgEwAACAQYPoQEg"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAjHgd6";

    /// <summary>Bytes 0 to 31, which no text that is not asked for it may show, in any of these ways.</summary>
    public static readonly string[] RootTexts =
        ["000102030405", "00-01-02-03", "AAECAwQFBgcI", "0, 1, 2, 3", "AQIDBAUGBwgJ"];

    /// <summary>Version, network 80 … 8f, epoch 7, root 00 … 1f, then what is given.</summary>
    public static byte[] Bytes(ReadOnlySpan<byte> tail, byte version = 1)
    {
        var epoch = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(epoch, 7);
        return [version, .. Enumerable.Range(0x80, 16).Select(i => (byte)i), .. epoch, .. Enumerable.Range(0, 32).Select(i => (byte)i), .. tail];
    }

    /// <summary>The text of bytes, with the right checksum.</summary>
    public static string Text(ReadOnlySpan<byte> bytes) => TokenText.Encode(bytes);
}
