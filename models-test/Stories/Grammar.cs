using System.Text;

namespace ManagedSwarm.ModelsTest.Stories;

/// <summary>
/// Writes text from a template: <c>[a|b|c]</c> is one of several texts, which may have choices themselves; <c>{slot}</c> is what the tale
/// is about, and a template too; a slot whose name begins with a capital begins a sentence.
/// </summary>
public static class Grammar
{
    /// <exception cref="FormatException">A bracket without its other half.</exception>
    /// <exception cref="KeyNotFoundException">An unknown slot.</exception>
    public static string Write(string template, IReadOnlyDictionary<string, string> slots, Dice dice)
    {
        var output = new StringBuilder();
        var position = 0;
        Write(template, ref position, slots, dice, output);
        return position == template.Length ? output.ToString() : throw new FormatException($"']' without '[' in: {template}");
    }

    /// <summary>A word with its article.</summary>
    public static string WithArticle(string word) =>
        ("aeiou".Contains(word[0], StringComparison.Ordinal) || word == "honest" ? "an " : "a ") + word;

    public static string Capitalize(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary>Writes up to the end, or to a bracket or bar that belongs to an outer choice.</summary>
    private static void Write(string template, ref int position, IReadOnlyDictionary<string, string> slots, Dice dice, StringBuilder output)
    {
        while (position < template.Length && template[position] is not ('|' or ']'))
        {
            switch (template[position])
            {
                case '[':
                    WriteChoice(template, ref position, slots, dice, output);
                    break;
                case '{':
                    var end = template.IndexOf('}', position);
                    output.Append(WriteSlot(template[(position + 1)..end], slots, dice));
                    position = end + 1;
                    break;
                default:
                    output.Append(template[position++]);
                    break;
            }
        }
    }

    private static void WriteChoice(string template, ref int position, IReadOnlyDictionary<string, string> slots, Dice dice, StringBuilder output)
    {
        var choices = new List<string>();
        do
        {
            position++;
            var choice = new StringBuilder();
            Write(template, ref position, slots, dice, choice);
            choices.Add(choice.ToString());
        }
        while (position < template.Length && template[position] == '|');

        if (position == template.Length)
        {
            throw new FormatException($"'[' without ']' in: {template}");
        }

        position++;
        output.Append(dice.Pick(choices));
    }

    private static string WriteSlot(string name, IReadOnlyDictionary<string, string> slots, Dice dice) =>
        slots.TryGetValue(name, out var template)
            ? Write(template, slots, dice)
            : Capitalize(Write(slots[char.ToLowerInvariant(name[0]) + name[1..]], slots, dice));
}
