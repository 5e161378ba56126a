using System.Text;
using ManagedSwarm.Engine.Tokenization;

namespace ManagedSwarm.Tests.Engine.Generation;

/// <summary>Each token's text is its number: for models whose text does not matter.</summary>
internal sealed class NumberTokenizer(int vocabularySize) : Tokenizer
{
    public override int VocabularySize => vocabularySize;

    public override int? BosToken => null;

    public override int? EosToken => null;

    public override IReadOnlySet<int> EndOfGenerationTokens { get; } = new HashSet<int>();

    public override int[] Encode(string text, bool addSpecial, bool parseSpecial) => throw new NotSupportedException();

    public override ReadOnlyMemory<byte> GetBytes(int token, bool renderSpecial = false) => Encoding.UTF8.GetBytes(GetPiece(token));

    public override string GetPiece(int token) => FormattableString.Invariant($" {token}");
}
