using System.Runtime.InteropServices;

namespace ManagedSwarm.Tests.Transport.Libp2p.PrivateNetwork;

/// <summary>The library that NSec brings, as a second opinion about XSalsa20.</summary>
internal static unsafe partial class Sodium
{
    /// <summary>Encrypts a message in place from a block of the stream on.</summary>
    public static void XorXSalsa20(Span<byte> message, ReadOnlySpan<byte> nonce, ulong block, ReadOnlySpan<byte> key)
    {
        fixed (byte* text = message, n = nonce, k = key)
        {
            Assert.Equal(0, crypto_stream_xsalsa20_xor_ic(text, text, (ulong)message.Length, n, block, k));
        }
    }

    [LibraryImport("libsodium")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static partial int crypto_stream_xsalsa20_xor_ic(byte* output, byte* input, ulong length, byte* nonce, ulong block, byte* key);
}
