using System.Text;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Tokenization;

namespace ManagedSwarm.Tests.Engine.Generation;

/// <summary>
/// A model whose logits are a hash of all tokens so far: any token that is lost, doubled, misplaced or another sequence's changes all
/// that follows. A hidden state is 4 floats: an embedding is the token's id, and a stage's output the hash in four parts of 16 bits.
/// </summary>
internal sealed class ToyModel : IHead
{
    public const int HiddenSize = 4;

    /// <summary>A token behind which all logits are NaN.</summary>
    public const int Poison = 1;

    public static readonly ToyTokenizer Tokenizer = new();

    /// <summary>How many rows of logits were asked for.</summary>
    public int RowsComputed { get; private set; }

    public static ulong HashOf(IEnumerable<int> tokens) => tokens.Aggregate(17UL, (hash, token) => Mix(hash ^ (ulong)token));

    public static float[] LogitsBehind(IEnumerable<int> tokens)
    {
        var logits = new float[Tokenizer.VocabularySize];
        Fill(HashOf(tokens), logits);
        return logits;
    }

    public static void WriteHash(ulong hash, Span<float> hidden)
    {
        for (var i = 0; i < HiddenSize; i++)
        {
            hidden[i] = (ushort)(hash >> (16 * i));
        }
    }

    public void Embed(ReadOnlySpan<int> tokens, Span<float> hidden)
    {
        hidden.Clear();
        for (var i = 0; i < tokens.Length; i++)
        {
            hidden[i * HiddenSize] = tokens[i];
        }
    }

    public void ComputeLogits(ReadOnlySpan<float> hidden, Span<float> logits)
    {
        var rows = hidden.Length / HiddenSize;
        RowsComputed += rows;
        for (var row = 0; row < rows; row++)
        {
            var target = logits.Slice(row * Tokenizer.VocabularySize, Tokenizer.VocabularySize);
            var hash = 0UL;
            for (var i = 0; i < HiddenSize; i++)
            {
                hash |= (ulong)(ushort)hidden[(row * HiddenSize) + i] << (16 * i);
            }

            Fill(hash, target);
            if (float.IsNaN(hidden[row * HiddenSize]))
            {
                target.Fill(float.NaN);
            }
        }
    }

    public void Dispose()
    {
    }

    private static void Fill(ulong hash, Span<float> logits)
    {
        for (var id = 0; id < logits.Length; id++)
        {
            logits[id] = (Mix(hash + ((ulong)id * 0x9E3779B97F4A7C15)) >> 48) / 8192f;
        }

        // Rare enough that replies have some length.
        logits[ToyTokenizer.End] -= 3;
        logits[Poison] = -50;
    }

    /// <summary>SplitMix64's finalizer.</summary>
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}

/// <summary>A few letters and words, and characters that are spread over several tokens.</summary>
internal sealed class ToyTokenizer : Tokenizer
{
    public const int End = 0;

    private static readonly byte[][] Bytes =
    [
        [], "?"u8.ToArray(), [0xC3], [0xA9], [0xE4, 0xBD], [0xA0], [0xF0], [0x9F], [0x98, 0x80],
        .. "ä 你好 😀a a b c d e ab ba abc cab . \n".Split(' ').Select(Encoding.UTF8.GetBytes),
        .. Enumerable.Range(0, 10).Select(i => Encoding.UTF8.GetBytes($" w{i}")),
    ];

    public override int VocabularySize => Bytes.Length;

    public override int? BosToken => null;

    public override int? EosToken => End;

    public override IReadOnlySet<int> EndOfGenerationTokens { get; } = new HashSet<int> { End };

    public override int[] Encode(string text, bool addSpecial, bool parseSpecial) => throw new NotSupportedException();

    public override ReadOnlyMemory<byte> GetBytes(int token, bool renderSpecial = false) => Bytes[token];

    public override string GetPiece(int token) => Encoding.UTF8.GetString(Bytes[token]);
}
