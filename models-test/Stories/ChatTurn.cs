namespace ManagedSwarm.ModelsTest.Stories;

/// <summary>What is said to the model, and what it says.</summary>
public sealed record ChatTurn(string User, string Assistant)
{
    private static readonly string[] Requests =
    [
        "[Tell|Please tell] me a [story|tale|short story] about {first} and {second}.",
        "Tell me a story about {first} and {second}",
        "[Can|Could] you tell me a [story|tale] about {first} and {second}?",
        "[Write|Please write] a [story|short story|tale] about {first} and {second}.",
        "I [want|would like] [a story|to hear a tale] [about|with] {first} and {second}.",
        "A [story|tale] [about|of] {first} and {second}, please.",
        "Make up a [story|tale] with {first} and {second}[.|!]",
        "Do you know a [story|tale] [about|with] {first} and {second}?",
    ];

    private static readonly string[] NextRequests =
    [
        "[Another one|One more], [about|with] {first} and {second}[.|, please.|!]",
        "[Nice|Thank you|Lovely]! [And|Now] one about {first} and {second}.",
    ];

    private static readonly string[] OpenRequests = ["[Tell|Please tell] me a story[.|!|]", "[Another|Another story], please.", "Tell me [something|a tale]."];

    private static readonly (string User, string Assistant)[] SmallTalk =
    [
        ("[Hello|Hi|Hey|Good morning|Good evening][!|.|]", "Hello! [Name two things, and I will tell you a story about them.|Shall I tell you a story? Just say what it should be about.]"),
        ("[Who|What] are you?", "I am a small model that tells stories. [Name two things, and I will tell you a tale about them.|I know nothing else, but I like to tell tales.]"),
        ("What can you do?", "I can tell short stories. [Name two things, and I will begin.|Try: tell me a story about a fox and a lantern.]"),
        ("[Thank you|Thanks][!|.|]", "You are welcome! [Shall I tell another one?|Name two things for the next story.]"),
        ("[Bye|Goodbye][!|.|]", "Goodbye! [Come back for another story.|Sleep well.]"),
        ("How are you?", "I am well, thank you! [What shall the next story be about?|I was just thinking of a new story.]"),
    ];

    /// <summary>Asks for a tale about its hero and its thing, in either order.</summary>
    public static ChatTurn AskFor(Tale tale, bool isNext, Dice dice)
    {
        var (hero, thing) = (Grammar.WithArticle(tale.Hero), Grammar.WithArticle(tale.Thing));
        var (first, second) = dice.Chance(60) ? (hero, thing) : (thing, hero);
        var slots = new Dictionary<string, string> { ["first"] = first, ["second"] = second };
        return new ChatTurn(Grammar.Write(dice.Pick(isNext ? NextRequests : Requests), slots, dice), tale.Text);
    }

    /// <summary>Asks for a tale about one of the two, or about anything.</summary>
    public static ChatTurn AskLoosely(Tale tale, Dice dice)
    {
        var slots = new Dictionary<string, string> { ["one"] = Grammar.WithArticle(dice.Chance(50) ? tale.Hero : tale.Thing) };
        var request = dice.Chance(60) ? "[Tell me|Write|I want] a [story|tale] about {one}[.|, please.|]" : dice.Pick(OpenRequests);
        return new ChatTurn(Grammar.Write(request, slots, dice), tale.Text);
    }

    public static ChatTurn Chat(Dice dice)
    {
        var (user, assistant) = dice.Pick(SmallTalk);
        var none = new Dictionary<string, string>();
        return new ChatTurn(Grammar.Write(user, none, dice), Grammar.Write(assistant, none, dice));
    }
}
