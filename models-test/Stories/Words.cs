namespace ManagedSwarm.ModelsTest.Stories;

/// <summary>Whom and what the tales are about.</summary>
public static class Words
{
    public static IReadOnlyList<string> Heroes { get; } = Split("""
        fox owl bear rabbit mouse cat dog wolf deer frog duck goose hen pig goat sheep lamb horse pony donkey cow squirrel badger otter
        beaver hedgehog mole turtle snail bee ant spider butterfly sparrow robin crow raven eagle swan parrot penguin seal whale dolphin
        crab lion tiger elephant monkey giraffe zebra camel kangaroo koala panda lizard dragon giant witch wizard fairy elf troll king
        queen prince princess knight baker farmer sailor fisher miller tailor painter singer gardener shepherd teacher girl boy robot ghost
        """);

    /// <summary>Whom heroes meet. None of them is a hero, so that it is always plain who is meant.</summary>
    public static IReadOnlyList<string> Friends { get; } = Split("""
        neighbour merchant blacksmith carpenter cook doctor postman woodcutter beekeeper nurse uncle aunt grandmother grandfather cousin
        cobbler weaver hunter soldier potter clockmaker traveller juggler ferryman
        """);

    /// <summary>Things, by what they are good for.</summary>
    public static IReadOnlyDictionary<ThingUse, IReadOnlyList<string>> ThingsByUse { get; } = new Dictionary<ThingUse, IReadOnlyList<string>>
    {
        [ThingUse.Light] = Split("lantern candle torch lamp mirror match"),
        [ThingUse.Sound] = Split("bell drum whistle horn trumpet flute fiddle harp guitar"),
        [ThingUse.Carry] = Split("basket bucket bag box cup jar pot bowl cart wagon sack barrel bottle kettle"),
        [ThingUse.Warm] = Split("blanket scarf coat hat cap mitten glove sock shawl pillow quilt sweater"),
        [ThingUse.Mend] = Split("hammer rope needle shovel broom ladder spoon rake saw brush nail string ribbon button knife axe"),
        [ThingUse.Show] = Split("map compass book letter clock flag key telescope picture ring"),
        [ThingUse.Play] = Split("""
            ball kite doll balloon puppet swing top marble sled boat feather shell stone coin pearl star flower rose acorn leaf seed apple
            pear plum cake pie cookie carrot pumpkin egg crown mask umbrella wheel fan vase pen chair bench tent wand statue teapot
            """),
    };

    public static IReadOnlyList<string> Things { get; } = [.. ThingsByUse.OrderBy(pair => pair.Key).SelectMany(pair => pair.Value)];

    public static IReadOnlyList<string> SheNames { get; } =
        Split("""
        Lily Mia Anna Rosa Ella Nora Ivy Ruby Hazel Clara Daisy Greta Luna Molly Tess Wilma Zoe Bella Flora Ada Emma Alma Iris Maud Dora
        Lena Cora Elsa Frida Gwen Hilda Jane June Kate Lucy Mary Nell Olga Polly Rita Sally Tilda Una Vera Wanda Yara
        """);

    public static IReadOnlyList<string> HeNames { get; } =
        Split("""
        Tom Max Ben Sam Leo Finn Otto Hugo Jack Oscar Pip Theo Milo Ned Gus Felix Rufus Toby Walt Henry Emil Karl Bruno Jonas Paul Luke
        Adam Bert Carl Dan Eric Fred George Harry Ivan John Kurt Lars Mark Noah Owen Peter Ralph Simon Todd Victor
        """);

    public static IReadOnlyList<string> Natures { get; } = Split("""
        small brave kind shy clever lazy happy quiet curious old young tall lonely cheerful gentle busy merry careful hungry sleepy proud
        honest silly patient
        """);

    public static IReadOnlyList<string> Looks { get; } = Split("""
        red blue green yellow golden silver shiny old new tiny little big bright wooden pretty round strange magic plain dusty heavy lovely
        striped
        """);

    public static IReadOnlyList<string> Places { get; } =
    [
        "by the river", "near the old mill", "in the forest", "on a green hill", "at the edge of the village", "by the sea",
        "under a big oak", "in a deep valley", "beside a lake", "behind the barn", "in a quiet town", "near the bridge", "in the meadow",
        "on a small island", "at the foot of a mountain", "next to the mill pond", "in a stone house", "by the garden gate",
        "in a sunny field", "along the dusty road", "in a tall tower", "close to the harbour", "in the orchard", "under the pine trees",
        "behind the school", "near the waterfall", "at the end of the lane", "beside the windmill", "in the old castle", "by the market square",
        "under the stone arch", "on the sandy beach", "between two hills", "in a hollow tree", "among the tall reeds", "near the railway",
    ];

    /// <summary>Whether a hero is a she or a he; null: may be either.</summary>
    public static bool? IsShe(string hero) => hero switch
    {
        "hen" or "cow" or "witch" or "fairy" or "queen" or "princess" or "girl" => true,
        "wizard" or "king" or "prince" or "boy" => false,
        _ => null,
    };

    public static ThingUse UseOf(string thing)
    {
        foreach (var (use, things) in ThingsByUse)
        {
            if (things.Contains(thing))
            {
                return use;
            }
        }

        return ThingUse.Play;
    }

    /// <summary>A word that there is not: who reads many learns to copy what it never saw.</summary>
    public static string MadeUp(Dice dice)
    {
        string[] starts = ["b", "bl", "d", "dr", "f", "g", "gr", "k", "l", "m", "n", "p", "pl", "r", "s", "sn", "t", "tr", "v", "w", "z"];
        string[] vowels = ["a", "e", "i", "o", "u", "oo"];
        string[] ends = ["", "b", "ck", "g", "l", "m", "n", "p", "r", "t", "x", "ble", "ffin", "mo", "ndo", "pple", "rt", "ster", "zzle"];
        var word = dice.Pick(starts) + dice.Pick(vowels);
        return (dice.Chance(40) ? word + dice.Pick(starts) + dice.Pick(vowels) : word) + dice.Pick(ends[1..]);
    }

    private static string[] Split(string words) =>
        words.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
