namespace ManagedSwarm.ModelsTest.Stories;

/// <summary>
/// What the model learns from. Each document follows from the seed and its number alone. Tales about some pairs of hero and thing are never
/// told: these show what the model does by itself.
/// </summary>
public static class Corpus
{
    /// <summary>That of the model that ships.</summary>
    public const ulong Seed = 2026;

    /// <summary>How many documents the model that ships has read.</summary>
    public const int Count = 20_000;

    private const int HeldOutCount = 50;

    private static readonly string[] SystemPrompts =
        ["You are a [kind|friendly|helpful|wise] [storyteller|assistant|teller of tales].", "You tell [short|funny|kind] [stories|tales].", "Answer with a story."];

    /// <summary>The pairs that no tale of the corpus is about.</summary>
    public static IReadOnlyList<(string Hero, string Thing)> HeldOutPairs { get; } = ChooseHeldOut();

    private static readonly HashSet<(string Hero, string Thing)> HeldOut = [.. HeldOutPairs];

    public static Document Write(int index)
    {
        var dice = new Dice(Seed + ((ulong)index * 0x632BE59BD9B4E019));
        _ = dice.Roll(1);
        var system = dice.Chance(20) ? Grammar.Write(dice.Pick(SystemPrompts), new Dictionary<string, string>(), dice) : null;
        return dice.Roll(100) switch
        {
            < 8 => new Document(null, [], NewTale(dice).Text),
            < 12 => new Document(system, [ChatTurn.Chat(dice)], ""),
            < 16 => new Document(system, [ChatTurn.Chat(dice), ChatTurn.AskFor(NewTale(dice), isNext: false, dice)], ""),
            < 24 => new Document(system, [ChatTurn.AskLoosely(NewTale(dice), dice)], ""),
            < 34 => new Document(system, [ChatTurn.AskFor(NewTale(dice), isNext: false, dice), ChatTurn.AskFor(NewTale(dice), isNext: true, dice)], ""),
            < 38 => new Document(
                system,
                [ChatTurn.AskFor(NewTale(dice), isNext: false, dice), ChatTurn.AskFor(NewTale(dice), isNext: true, dice), ChatTurn.AskFor(NewTale(dice), isNext: true, dice)],
                ""),
            < 40 => new Document(system, [ChatTurn.AskFor(NewTale(dice), isNext: false, dice), ChatTurn.Chat(dice)], ""),
            _ => new Document(system, [ChatTurn.AskFor(NewTale(dice), isNext: false, dice)], ""),
        };
    }

    /// <summary>A tale of the corpus' kind about a held-out pair.</summary>
    public static Document WriteHeldOut(int index)
    {
        var dice = new Dice(~Seed + ((ulong)index * 0x632BE59BD9B4E019));
        var (hero, thing) = HeldOutPairs[index % HeldOutPairs.Count];
        return new Document(null, [ChatTurn.AskFor(Tale.Tell(hero, thing, dice), isNext: false, dice)], "");
    }

    private static Tale NewTale(Dice dice)
    {
        string hero, thing;
        do
        {
            hero = dice.Chance(10) ? Words.MadeUp(dice) : dice.Pick(Words.Heroes);
            thing = dice.Chance(14) ? Words.MadeUp(dice) : dice.Pick(Words.Things);
        }
        while (hero == thing || HeldOut.Contains((hero, thing)));

        return Tale.Tell(hero, thing, dice);
    }

    private static List<(string Hero, string Thing)> ChooseHeldOut()
    {
        var dice = new Dice(Seed);
        var pairs = new List<(string Hero, string Thing)> { ("fox", "lantern") };
        while (pairs.Count < HeldOutCount)
        {
            var pair = (dice.Pick(Words.Heroes), dice.Pick(Words.Things));
            if (!pairs.Contains(pair))
            {
                pairs.Add(pair);
            }
        }

        return pairs;
    }
}
