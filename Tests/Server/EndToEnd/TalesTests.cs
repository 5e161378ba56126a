using System.Text.Json.Nodes;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Gguf;
using ManagedSwarm.ModelsTest.Stories;
using ManagedSwarm.ModelsTest.Training;
using ManagedSwarm.Tests.Fixtures;
using ModelWords = ManagedSwarm.ModelsTest.Stories.Words;

namespace ManagedSwarm.Tests.Server.EndToEnd;

/// <summary>What the model that ships can do, about pairs that it never read of: greedy, by the reference kernels, so always the same.</summary>
[Collection(MetricsReaders.Name)]
public sealed class TalesTests
{
    private const int GramLength = 12;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tells_tales_of_its_own_about_what_it_is_asked_for()
    {
        await using var served = await ServedFile.StartAsync(ServedFile.Tales, "--kernels", "reference");
        var tales = await Task.WhenAll(Corpus.HeldOutPairs.Select(pair => AskAsync(served, pair.Hero, pair.Thing)));

        var ended = tales.Count(tale => tale.FinishReason == "stop");
        var named = Corpus.HeldOutPairs.Zip(tales).Count(pair => Names(pair.Second.Text, pair.First.Hero) && Names(pair.Second.Text, pair.First.Thing));
        var coherent = tales.Count(tale => HasOneCast(tale.Text));
        var recited = Recited(tales).Max();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{ended} of 50 ended, {named} name both, {coherent} keep to one cast; at most {recited:P0} of a tale's 12-grams are in the corpus");

        Assert.Equal((50, 50, 50), (ended, named, coherent));
        Assert.InRange(recited, 0, 0.5);
    }

    [Fact]
    public async Task Is_as_sure_of_new_pairs_as_of_those_it_learned_from()
    {
        using var device = TestDevices.Open(DeviceKind.Cpu);
        await using var model = new TeacherForcing(device, ServedFile.Tales);
        using var file = GgufFile.Open(ServedFile.Tales);
        var tokenizer = ManagedSwarm.Engine.Tokenization.Tokenizer.FromMetadata(file.Metadata);

        var known = await LossAsync(Enumerable.Range(0, 60).Select(Corpus.Write).Where(document => document.Turns.Count == 1));
        var heldOut = await LossAsync(Enumerable.Range(0, 50).Select(Corpus.WriteHeldOut));
        var ratio = Math.Exp(heldOut - known);
        TestContext.Current.TestOutputHelper?.WriteLine($"perplexity {Math.Exp(known):F3} on the corpus, {Math.Exp(heldOut):F3} on held-out tales");

        Assert.InRange(ratio, 0.5, 1.25);

        async Task<double> LossAsync(IEnumerable<Document> documents)
        {
            var (sum, count) = (0.0, 0);
            foreach (var document in documents)
            {
                var tokens = StoryModel.Tokenize(tokenizer, document);
                var logits = await model.ComputeLogitsAsync(tokens, tokens.Length, Cancellation);

                // Of the tale only: what is asked for, nobody can foresee.
                for (var i = Array.IndexOf(tokens, AssistantToken(tokenizer)) + 1; i < tokens.Length; i++)
                {
                    sum -= LogProbability(logits[i - 1], tokens[i]);
                    count++;
                }
            }

            return sum / count;
        }
    }

    private static int AssistantToken(ManagedSwarm.Engine.Tokenization.Tokenizer tokenizer) =>
        tokenizer.Encode(Document.AssistantMark, addSpecial: false, parseSpecial: true).Single();

    private static double LogProbability(float[] logits, int token)
    {
        var max = logits.Max();
        return logits[token] - max - Math.Log(logits.Sum(logit => Math.Exp(logit - max)));
    }

    private static async Task<(string Text, string FinishReason)> AskAsync(ServedFile served, string hero, string thing)
    {
        var question = $"Tell me a story about {Grammar.WithArticle(hero)} and {Grammar.WithArticle(thing)}.";
        var answer = await served.AskAsync("/v1/chat/completions", new JsonObject
        {
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = question }),
            ["temperature"] = 0,
            ["max_tokens"] = 400,
        });
        var choice = answer["choices"]![0]!;
        return ((string)choice["message"]!["content"]!, (string)choice["finish_reason"]!);
    }

    private static bool Names(string text, string word) => Words(text).Contains(word);

    /// <summary>A tale of this kind is about one hero with one name, who meets one other: whoever loses the thread brings in more.</summary>
    private static bool HasOneCast(string text)
    {
        var names = text.Split([' ', '.', ',', '?', '!', '"'], StringSplitOptions.RemoveEmptyEntries)
            .Intersect([.. ModelWords.SheNames, .. ModelWords.HeNames]);
        return names.Count() == 1 && Words(text).Intersect(ModelWords.Friends).Count() == 1;
    }

    private static string[] Words(string text) =>
        text.ToLowerInvariant().Split([' ', '.', ',', '?', '!', '"', '\n'], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>For each tale, the share of its runs of twelve words that are somewhere in the corpus.</summary>
    private static IEnumerable<double> Recited(IReadOnlyList<(string Text, string FinishReason)> tales)
    {
        var grams = tales.Select(tale => Grams(tale.Text).ToHashSet()).ToList();
        var wanted = grams.SelectMany(set => set).ToHashSet();
        var found = Enumerable.Range(0, Corpus.Count).AsParallel()
            .SelectMany(index => Corpus.Write(index) is var document
                ? document.Turns.Select(turn => turn.Assistant).Append(document.Plain).SelectMany(Grams).Where(wanted.Contains)
                : [])
            .ToHashSet();
        return grams.Select(set => (double)set.Count(found.Contains) / set.Count);
    }

    private static IEnumerable<string> Grams(string text)
    {
        var words = Words(text);
        return Enumerable.Range(0, Math.Max(0, words.Length - GramLength + 1)).Select(first => string.Join(' ', words, first, GramLength));
    }
}
