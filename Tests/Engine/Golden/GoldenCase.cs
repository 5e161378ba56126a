using System.Text.Json;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Golden;

/// <summary>One prompt and llama.cpp's greedy answer to it, from a file of ../shared/golden.</summary>
internal sealed record GoldenCase(string Prompt, int[] PromptTokens, int[] Tokens, string Content, IReadOnlyList<GoldenPosition> Positions)
{
    public static IReadOnlyList<GoldenCase> Load(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedData.Require($"golden/{name}.json")));
        return [.. document.RootElement.GetProperty("cases").EnumerateArray().Select(Parse)];
    }

    private static GoldenCase Parse(JsonElement json)
    {
        var tokens = Ids(json.GetProperty("tokens"));
        return new GoldenCase(
            json.GetProperty("prompt").ToString(),
            Ids(json.GetProperty("prompt_tokens")),
            tokens,
            json.GetProperty("content").GetString()!,
            Align(tokens, json.GetProperty("top")));
    }

    /// <summary>llama-server leaves out the positions whose token ends within a character, so each entry is matched by its token.</summary>
    private static List<GoldenPosition> Align(int[] tokens, JsonElement top)
    {
        var positions = new List<GoldenPosition>();
        var index = -1;
        foreach (var entry in top.EnumerateArray())
        {
            var id = entry.GetProperty("id").GetInt32();
            do
            {
                index++;
            }
            while (tokens[index] != id);

            var likeliest = entry.GetProperty("top10").EnumerateArray().Select(pair => (pair[0].GetInt32(), pair[1].GetSingle()));
            positions.Add(new GoldenPosition(index, [.. likeliest]));
        }

        return positions;
    }

    private static int[] Ids(JsonElement array) => [.. array.EnumerateArray().Select(id => id.GetInt32())];
}

/// <summary>The ten likeliest tokens at one position of the answer, with their log-probabilities.</summary>
internal sealed record GoldenPosition(int Index, (int Token, float LogProb)[] Top)
{
    /// <summary>By how much the likeliest is ahead of the next.</summary>
    public float Gap => Top[0].LogProb - Top[1].LogProb;
}
