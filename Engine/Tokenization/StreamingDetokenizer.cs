using System.Text;

namespace ManagedSwarm.Engine.Tokenization;

/// <summary>
/// Turns the bytes of token after token into text: whole characters only, since a character may be spread over several tokens.
/// Bytes that are no UTF-8 become U+FFFD, one for each maximal subpart (Unicode §3.9), as soon as no further byte could save them.
/// For one reply and one thread.
/// </summary>
internal sealed class StreamingDetokenizer
{
    private readonly Decoder _decoder = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false).GetDecoder();

    /// <summary>The text that is complete now; empty while a character waits for its next byte.</summary>
    public string Append(ReadOnlySpan<byte> bytes) => Decode(bytes, flush: false);

    /// <summary>What is left at the end: U+FFFD for the beginning of a character that never was completed, else nothing.</summary>
    public string Flush() => Decode([], flush: true);

    private string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        // A waiting beginning of up to three bytes may turn out to be invalid together with these.
        const int stackLimit = 256;
        var capacity = Encoding.UTF8.GetMaxCharCount(bytes.Length);
        var characters = capacity <= stackLimit ? stackalloc char[stackLimit] : new char[capacity];
        var count = _decoder.GetChars(bytes, characters, flush);
        return count == 0 ? string.Empty : new string(characters[..count]);
    }
}
