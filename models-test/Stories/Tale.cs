namespace ManagedSwarm.ModelsTest.Stories;

/// <summary>A tale, and the two that it is about.</summary>
/// <param name="Hero">One word, without article.</param>
/// <param name="Thing">Likewise.</param>
/// <param name="Text">One paragraph.</param>
public sealed record Tale(string Hero, string Thing, string Text)
{
    /// <summary>Makes up a tale.</summary>
    public static Tale Tell(string hero, string thing, Dice dice)
    {
        var slots = CreateSlots(hero, thing, dice);
        var beats = new List<string> { dice.Pick(Plots.Openings) };
        if (Plots.Help.TryGetValue(Words.UseOf(thing), out var help) && dice.Chance(40))
        {
            beats.AddRange([.. Plots.BeforeHelp, help, .. Plots.AfterHelp]);
        }
        else
        {
            beats.AddRange(dice.Pick(Plots.Common));
        }

        return new Tale(hero, thing, string.Join(' ', beats.Select(beat => Grammar.Write(beat, slots, dice))));
    }

    private static Dictionary<string, string> CreateSlots(string hero, string thing, Dice dice)
    {
        var (place, place2) = (dice.Pick(Words.Places), dice.Pick(Words.Places));
        var slots = new Dictionary<string, string> { ["place"] = place, ["place2"] = place2 };
        AddWithArticle("hero", hero);
        AddWithArticle("thing", thing);
        AddWithArticle("friend", dice.Pick(Words.Friends));
        AddWithArticle("nature", dice.Pick(Words.Natures));
        AddWithArticle("trait", dice.Pick(Words.Natures));
        AddWithArticle("look", dice.Pick(Words.Looks));
        AddPerson();
        return slots;

        void AddWithArticle(string slot, string word)
        {
            slots[slot] = word;
            slots[$"a {slot}"] = Grammar.WithArticle(word);
        }

        void AddPerson()
        {
            var isShe = Words.IsShe(hero) ?? dice.Chance(50);
            slots["called"] = dice.Pick(isShe ? Words.SheNames : Words.HeNames);
            slots["name"] = "[{called}|{called}|the {hero}]";
            (slots["he"], slots["him"], slots["his"]) = isShe ? ("she", "her", "her") : ("he", "him", "his");
        }
    }
}
