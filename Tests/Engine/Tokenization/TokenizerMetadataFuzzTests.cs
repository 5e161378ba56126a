using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Tokenization;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Tests.Engine.Tokenization;

/// <summary>Metadata with random damage: a tokenizer that works, or a clear error, and nothing else.</summary>
public class TokenizerMetadataFuzzTests
{
    private static readonly object[] Values =
    [
        0, -1, 5, 258L, 1u << 31, uint.MaxValue, ulong.MaxValue, 1.5f, double.NaN, true, false,
        "", "llama", "gpt2", "default", "llama-bpe", "a b", "\uFDD0", "<s>",
        Array.Empty<string>(), Array.Empty<int>(), new[] { "a" }, new[] { 1, 2 }, new float[259], new[] { true },
    ];

    [Fact]
    public void Makes_a_tokenizer_or_says_what_is_wrong()
    {
        var random = new Random(9);
        var (made, refused) = (0, 0);
        for (var round = 0; round < 3000; round++)
        {
            var vocabulary = Damage(round % 2 == 0 ? Whole() : WholeByteLevel(), random);
            try
            {
                var tokenizer = vocabulary.Make();
                made++;
                Use(tokenizer, random);
            }
            catch (Exception error) when (error is EngineException or GgufFormatException)
            {
                refused++;
                Assert.DoesNotContain('\n', error.Message);
            }
        }

        Assert.True(made > 300 && refused > 300, $"made {made}, refused {refused}");
    }

    private static TinyVocabulary Whole() =>
        TinyVocabulary.SentencePiece("▁", "a", "b", "ab", "▁ab", "🦙")
            .Set("bos_token_id", 1u).Set("eos_token_id", 2u).Set("add_bos_token", true).Set("add_space_prefix", true);

    private static TinyVocabulary WholeByteLevel() =>
        TinyVocabulary.ByteLevel(["a b", "ab c", "Ġ a"], ("<s>", TokenType.Control), ("<u>", TokenType.UserDefined))
            .Set("bos_token_id", 259u).Set("eot_token_id", 259).Set("add_eos_token", false);

    private static TinyVocabulary Damage(TinyVocabulary vocabulary, Random random)
    {
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var name = vocabulary.Names.ElementAt(random.Next(vocabulary.Names.Count));
            vocabulary = random.Next(4) switch
            {
                0 when vocabulary[name] is Array => vocabulary.Set(name, Values[random.Next(Values.Length)]),
                0 => vocabulary.Remove(name),
                _ when vocabulary[name] is Array { Length: > 0 } array => vocabulary.Set(name, DamageElement(array, random)),
                _ => vocabulary.Set(name, Values[random.Next(Values.Length)]),
            };
        }

        return vocabulary;
    }

    private static Array DamageElement(Array array, Random random)
    {
        var copy = (Array)array.Clone();
        var fitting = Values.Where(value => value.GetType() == array.GetType().GetElementType())
            .Append(copy.GetValue(random.Next(copy.Length))!).ToArray();
        copy.SetValue(fitting[random.Next(fitting.Length)], random.Next(copy.Length));
        return copy;
    }

    private static void Use(Tokenizer tokenizer, Random random)
    {
        var text = RandomText.Next(random, 10) + "abcab <s><u>\uD83E";
        foreach (var parseSpecial in (bool[])[false, true])
        {
            var ids = tokenizer.Encode(PromptGuard.Guard(text, tokenizer), addSpecial: true, parseSpecial);
            Assert.All(ids, id => Assert.InRange(id, 0, tokenizer.VocabularySize - 1));
            Assert.NotNull(tokenizer.Decode(ids, renderSpecial: true));
        }
    }
}
