namespace ManagedSwarm.ModelsTest;

/// <summary>
/// A vocabulary in the way of SentencePiece: control tokens, the 256 bytes, the characters of ASCII, then made-up syllables. Every
/// text can be encoded; what is not ASCII becomes bytes.
/// </summary>
internal static class ByteFallbackVocabulary
{
    public const int MinSize = 3 + 256;

    /// <summary>About as many syllables as <see cref="Pieces"/> makes.</summary>
    public const int MaxSize = 490_000;

    private const string Consonants = "bcdfghjklmnpqrstvwxyz";
    private const string Vowels = "aeiou";

    /// <summary>Shorter pieces are merged first.</summary>
    public static VocabularyTable Create(int size) => VocabularyTable.Create([], [.. Pieces().Take(size - MinSize)]);

    /// <summary>Characters, then syllables, ever longer ones, each length without and with a space before.</summary>
    private static IEnumerable<string> Pieces()
    {
        yield return VocabularyTable.Space.ToString();
        for (var character = '!'; character <= '~'; character++)
        {
            yield return character.ToString();
        }

        IEnumerable<string> syllables = Consonants.Select(consonant => consonant.ToString());
        foreach (var letters in new[] { Vowels, Consonants, Vowels, Consonants })
        {
            var longer = syllables.SelectMany(syllable => letters.Select(letter => syllable + letter)).ToList();
            foreach (var piece in longer.Concat(longer.Select(piece => VocabularyTable.Space + piece)))
            {
                yield return piece;
            }

            syllables = longer;
        }
    }
}
