using System.Globalization;

namespace ManagedSwarm.ModelsTest;

/// <summary>
/// A vocabulary in the way of SentencePiece: control tokens, the 256 bytes, the characters of ASCII, then made-up syllables. Every
/// text can be encoded; what is not ASCII becomes bytes.
/// </summary>
internal sealed record ByteFallbackVocabulary(string[] Tokens, float[] Scores, int[] Types)
{
    public const uint UnknownToken = 0;

    public const uint BosToken = 1;

    public const uint EosToken = 2;

    public const int MinSize = 3 + 256;

    /// <summary>About as many syllables as <see cref="Pieces"/> makes.</summary>
    public const int MaxSize = 490_000;

    // llama.cpp's token types.
    private const int Normal = 1;
    private const int Unknown = 2;
    private const int Control = 3;
    private const int Byte = 6;

    private const string Consonants = "bcdfghjklmnpqrstvwxyz";
    private const string Vowels = "aeiou";

    /// <summary>SentencePiece's mark for a space.</summary>
    private const char Space = '\u2581';

    public static ByteFallbackVocabulary Create(int size)
    {
        var pieces = Pieces().Take(size - MinSize).ToList();
        var bytes = Enumerable.Range(0, 256).Select(value => $"<0x{value.ToString("X2", CultureInfo.InvariantCulture)}>");
        return new ByteFallbackVocabulary(
            ["<unk>", "<s>", "</s>", .. bytes, .. pieces],
            // The better the score, the sooner a piece is merged: here the shorter ones.
            [.. Enumerable.Repeat(0f, MinSize), .. pieces.Select((_, index) => -(float)index)],
            [Unknown, Control, Control, .. Enumerable.Repeat(Byte, 256), .. Enumerable.Repeat(Normal, pieces.Count)]);
    }

    /// <summary>Characters, then syllables, ever longer ones, each length without and with a space before.</summary>
    private static IEnumerable<string> Pieces()
    {
        yield return Space.ToString();
        for (var character = '!'; character <= '~'; character++)
        {
            yield return character.ToString();
        }

        IEnumerable<string> syllables = Consonants.Select(consonant => consonant.ToString());
        foreach (var letters in new[] { Vowels, Consonants, Vowels, Consonants })
        {
            var longer = syllables.SelectMany(syllable => letters.Select(letter => syllable + letter)).ToList();
            foreach (var piece in longer.Concat(longer.Select(piece => Space + piece)))
            {
                yield return piece;
            }

            syllables = longer;
        }
    }
}
