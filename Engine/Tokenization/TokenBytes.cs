using System.Buffers;

namespace ManagedSwarm.Engine.Tokenization;

/// <summary>The bytes that each token stands for, end to end in one array.</summary>
internal sealed class TokenBytes
{
    private readonly byte[] _bytes;
    private readonly int[] _ends;

    /// <param name="write">Writes the bytes of a token.</param>
    public TokenBytes(int tokens, Action<int, IBufferWriter<byte>> write)
    {
        var buffer = new ArrayBufferWriter<byte>(Math.Max(tokens, 1) * 8);
        _ends = new int[tokens];
        for (var token = 0; token < tokens; token++)
        {
            write(token, buffer);
            _ends[token] = buffer.WrittenCount;
        }

        _bytes = buffer.WrittenSpan.ToArray();
    }

    public ReadOnlyMemory<byte> this[int token]
    {
        get
        {
            var start = token == 0 ? 0 : _ends[token - 1];
            return _bytes.AsMemory(start, _ends[token] - start);
        }
    }
}
