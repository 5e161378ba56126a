namespace ManagedSwarm.Bench.Federation;

/// <summary>A request of a load.</summary>
/// <param name="At">When it is sent, from the load's begin.</param>
/// <param name="Prompt">Its prompt.</param>
internal sealed record LoadRequest(TimeSpan At, string Prompt);

/// <summary>The loads that policies are compared under; the same seed makes the same load.</summary>
internal static class LoadShape
{
    public const string Chat = "chat";
    public const string Shared = "shared prefix";
    public const string Bursty = "bursty";

    /// <summary>Beginnings that prompts share.</summary>
    public const int Groups = 24;

    private const int Turns = 4;
    private const int Conversations = 24;
    private const int BurstLength = 16;

    /// <param name="kind">Which.</param>
    /// <param name="count">Requests.</param>
    /// <param name="perSecond">Requests per second on average.</param>
    /// <param name="seed">Of what is random.</param>
    public static IReadOnlyList<LoadRequest> Create(string kind, int count, double perSecond, int seed)
    {
        var random = new Random(seed);
        var (requests, at) = (new List<LoadRequest>(), 0.0);
        for (var i = 0; i < count; i++)
        {
            // Bursts of the same mean: all of one at once, and then nothing.
            var isPause = kind != Bursty || i % BurstLength == 0;
            at += isPause ? -Math.Log(1 - random.NextDouble()) / perSecond * (kind == Bursty ? BurstLength : 1) : 0;
            requests.Add(new(TimeSpan.FromSeconds(at), PromptOf(kind, i, random)));
        }

        return requests;
    }

    /// <summary>A prompt that begins as no other.</summary>
    public static string OwnPrompt(int number) => Text(2_000_000 + number, 0, 128);

    /// <summary>A prompt that begins as others of its group.</summary>
    public static string SharedPrompt(int group, int number) => Text(group, 0, 2048) + Text(1_000_000 + number, 0, 128);

    private static string PromptOf(string kind, int number, Random random) => kind switch
    {
        // Each conversation's next turn repeats those before.
        Chat => string.Concat(Enumerable.Range(0, 1 + (number / Conversations % Turns)).Select(turn =>
            Text((number % Conversations) + (number / (Conversations * Turns) * Conversations), turn, 320))),
        Shared => SharedPrompt(random.Next(Groups), number),
        _ => OwnPrompt(number),
    };

    private static string Text(int owner, int part, int length)
    {
        var random = new Random((owner * 31) ^ (part * 7919));
        return string.Create(length, random, static (text, random) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = (char)('a' + random.Next(26));
            }
        });
    }
}
