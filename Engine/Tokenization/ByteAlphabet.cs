using System.Buffers;

namespace ManagedSwarm.Engine.Tokenization;

/// <summary>
/// GPT-2's way to write any byte as a visible character (<c>bytes_to_unicode</c> in its encoder): printable ASCII and Latin-1 are
/// themselves, the other 68 bytes are U+0100 and following, in order. A space is Ġ.
/// </summary>
internal static class ByteAlphabet
{
    private const int FirstStandIn = 0x100;
    private static readonly char[] Characters = MakeCharacters();
    private static readonly short[] Bytes = MakeBytes();

    public static char ToCharacter(byte value) => Characters[value];

    /// <summary>Writes the bytes that a token's text stands for. A character outside the alphabet stands for its own UTF-8 bytes.</summary>
    public static void Decode(string text, IBufferWriter<byte> output)
    {
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            var length = 1;
            if (rune.Value < Bytes.Length && Bytes[rune.Value] >= 0)
            {
                utf8[0] = (byte)Bytes[rune.Value];
            }
            else
            {
                length = rune.EncodeToUtf8(utf8);
            }

            output.Write(utf8[..length]);
        }
    }

    private static char[] MakeCharacters()
    {
        var characters = new char[256];
        var standIn = FirstStandIn;
        for (var value = 0; value < characters.Length; value++)
        {
            var isItself = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            characters[value] = (char)(isItself ? value : standIn++);
        }

        return characters;
    }

    private static short[] MakeBytes()
    {
        var bytes = new short[Characters.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (var value = 0; value < Characters.Length; value++)
        {
            bytes[Characters[value]] = (short)value;
        }

        return bytes;
    }
}
