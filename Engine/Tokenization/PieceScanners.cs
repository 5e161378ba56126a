namespace ManagedSwarm.Engine.Tokenization;

/// <summary>The length of the first piece of a text, not empty: what a pattern matches there, or the gap before its first match.</summary>
internal delegate int PieceScanner(ReadOnlySpan<char> text);

/// <summary>
/// The patterns of pre-tokenizers as scanners over code points, each linear in the text. Above each stands the pattern, as llama.cpp
/// and the models' own tokenizer.json have it; alternatives are tried in the order of the pattern.
/// </summary>
internal static class PieceScanners
{
    /// <summary><c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c></summary>
    public static int Gpt2(ReadOnlySpan<char> text)
    {
        var contraction = Contraction(text, ignoreCase: false);
        if (contraction > 0)
        {
            return contraction;
        }

        var space = text[0] == ' ' ? 1 : 0;
        var body = text[space..];
        var kind = PatternClass(CharacterClasses.First(body, out _));
        if (body.IsEmpty || kind == CharacterClass.Space)
        {
            return Spaces(text);
        }

        return space + Run(body, kind);
    }

    /// <summary>
    /// <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>
    /// </summary>
    public static int Llama3(ReadOnlySpan<char> text) => Modern(text, digits: 3);

    /// <summary>As <see cref="Llama3"/>, with <c>\p{N}</c> in place of <c>\p{N}{1,3}</c>.</summary>
    public static int Qwen2(ReadOnlySpan<char> text) => Modern(text, digits: 1);

    /// <summary><c>[\p{P}\$\+&lt;=&gt;\^~\|]+</c></summary>
    public static int Punctuation(ReadOnlySpan<char> text) => RunOrGap(text, IsPunctuation);

    /// <summary><c>\p{N}+</c></summary>
    public static int Numbers(ReadOnlySpan<char> text) => RunOrGap(text, IsNumber);

    /// <summary><c>\p{N}</c></summary>
    public static int SingleNumber(ReadOnlySpan<char> text) =>
        CharacterClasses.First(text, out var length) == CharacterClass.Number ? length : RunOrGap(text, IsNumber);

    /// <summary><c>[0-9][0-9][0-9]</c></summary>
    public static int ThreeDigits(ReadOnlySpan<char> text)
    {
        var digits = 0;
        for (var i = 0; i < text.Length; i++)
        {
            digits = char.IsAsciiDigit(text[i]) ? digits + 1 : 0;
            if (digits == 3)
            {
                return i == 2 ? 3 : i - 2;
            }
        }

        return text.Length;
    }

    private static int Modern(ReadOnlySpan<char> text, int digits)
    {
        var contraction = Contraction(text, ignoreCase: true);
        if (contraction > 0)
        {
            return contraction;
        }

        var first = CharacterClasses.First(text, out var length);
        if (first == CharacterClass.Number)
        {
            return Run(text, CharacterClass.Number, digits);
        }

        var lead = first == CharacterClass.Letter || text[0] is '\r' or '\n' ? 0 : length;
        var letters = Run(text[lead..], CharacterClass.Letter);
        if (letters > 0)
        {
            return lead + letters;
        }

        var space = text[0] == ' ' ? 1 : 0;
        var others = Run(text[space..], CharacterClass.Other);
        return others > 0 ? space + others + LineBreaks(text[(space + others)..]) : SpacesToLineBreak(text);
    }

    /// <summary>The length of <c>'s</c>, <c>'ll</c> and so on at the start; 0 if there is none.</summary>
    private static int Contraction(ReadOnlySpan<char> text, bool ignoreCase)
    {
        if (text.Length < 2 || text[0] != '\'')
        {
            return 0;
        }

        var first = Fold(text[1], ignoreCase);
        if (first is 's' or 't' or 'm' or 'd')
        {
            return 2;
        }

        return text.Length > 2 && (first, Fold(text[2], ignoreCase)) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;
    }

    /// <summary>ASCII only, as llama.cpp has it: a long s (ſ) is no s.</summary>
    private static char Fold(char value, bool ignoreCase) => ignoreCase && char.IsAsciiLetterUpper(value) ? (char)(value | 0x20) : value;

    /// <summary><c>\s*[\r\n]+|\s+(?!\S)|\s+</c></summary>
    private static int SpacesToLineBreak(ReadOnlySpan<char> text)
    {
        var spaces = Run(text, CharacterClass.Space);
        var lineBreak = text[..spaces].LastIndexOfAny('\r', '\n');
        return lineBreak >= 0 ? lineBreak + 1 : Spaces(text);
    }

    /// <summary><c>\s+(?!\S)|\s+</c>: white space, but its last character goes with what follows.</summary>
    private static int Spaces(ReadOnlySpan<char> text)
    {
        // No white space lies outside the basic plane, so its last character is one UTF-16 unit.
        var spaces = Run(text, CharacterClass.Space);
        return spaces > 1 && spaces < text.Length ? spaces - 1 : spaces;
    }

    private static int LineBreaks(ReadOnlySpan<char> text)
    {
        var other = text.IndexOfAnyExcept('\r', '\n');
        return other < 0 ? text.Length : other;
    }

    /// <summary>The length of the run of one class (punctuation counts as other) at the start, at most so many characters.</summary>
    private static int Run(ReadOnlySpan<char> text, CharacterClass kind, int limit = int.MaxValue)
    {
        var length = 0;
        while (length < text.Length && limit-- > 0 && PatternClass(CharacterClasses.First(text[length..], out var one)) == kind)
        {
            length += one;
        }

        return length;
    }

    /// <summary>The pattern knows punctuation as what is none of letter, number and space.</summary>
    private static CharacterClass PatternClass(CharacterClass kind) => kind == CharacterClass.Punctuation ? CharacterClass.Other : kind;

    private static bool IsNumber(char first, CharacterClass kind) => kind == CharacterClass.Number;

    private static bool IsPunctuation(char first, CharacterClass kind) =>
        kind == CharacterClass.Punctuation || first is '$' or '+' or '<' or '=' or '>' or '^' or '~' or '|';

    /// <summary>The length of the longest start whose characters are all wanted, or all not.</summary>
    private static int RunOrGap(ReadOnlySpan<char> text, Func<char, CharacterClass, bool> isWanted)
    {
        var kind = CharacterClasses.First(text, out var length);
        var wanted = isWanted(text[0], kind);
        while (length < text.Length)
        {
            kind = CharacterClasses.First(text[length..], out var one);
            if (isWanted(text[length], kind) != wanted)
            {
                break;
            }

            length += one;
        }

        return length;
    }
}
