using System.Text.Json;
using ManagedSwarm.Engine.Tokenization;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Tokenization;

/// <summary>The prompts and replies of llama.cpp for the models in ../shared.</summary>
public class GoldenPromptTests
{
    public static TheoryData<string> Goldens
    {
        get
        {
            var folder = SharedData.Root is null ? null : Path.Combine(SharedData.Root, "golden");
            string[] files = folder is null ? ["stories260K.json"] : [.. Directory.EnumerateFiles(folder, "*.json").Select(Path.GetFileName).Order()!];
            return [.. files];
        }
    }

    [Theory]
    [MemberData(nameof(Goldens))]
    public void Encodes_every_prompt_as_llama_cpp_does(string golden)
    {
        var tokenizer = TokenizerOf(golden);
        foreach (var (root, _) in Cases(golden))
        {
            var expected = root.GetProperty("prompt_tokens").EnumerateArray().Select(id => id.GetInt32());
            Assert.Equal(expected, tokenizer.Encode(root.GetProperty("prompt").GetString()!, addSpecial: true, parseSpecial: true));
        }
    }

    [Theory]
    [MemberData(nameof(Goldens))]
    public void Streams_every_reply_as_llama_cpp_does(string golden)
    {
        var tokenizer = TokenizerOf(golden);
        foreach (var (root, content) in Cases(golden))
        {
            var stream = new StreamingDetokenizer();
            var pieces = root.GetProperty("tokens").EnumerateArray().Select(id => stream.Append(tokenizer.GetBytes(id.GetInt32()).Span));
            Assert.Equal(content, string.Concat(pieces) + stream.Flush());
        }
    }

    private static Tokenizer TokenizerOf(string golden)
    {
        var model = golden.Replace(".deq.json", ".gguf", StringComparison.Ordinal).Replace(".json", ".gguf", StringComparison.Ordinal);
        return SharedTokenizers.FromFile(SharedData.Require($"models/{model}"));
    }

    private static IEnumerable<(JsonElement Case, string Content)> Cases(string golden)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(SharedData.Require($"golden/{golden}")));
        foreach (var item in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            yield return (item, item.GetProperty("content").GetString()!);
        }
    }
}
