using System.Text;
using ManagedSwarm.Engine.Tokenization;

namespace ManagedSwarm.Tests.Engine.Tokenization;

public class StreamingDetokenizerTests
{
    [Fact]
    public void Waits_for_the_last_byte_of_a_character()
    {
        var stream = new StreamingDetokenizer();
        Assert.Equal("a", stream.Append([(byte)'a', 0xF0]));
        Assert.Equal("", stream.Append([0x9F]));
        Assert.Equal("", stream.Append([0xA6]));
        Assert.Equal("🦙b", stream.Append([0x99, (byte)'b']));
        Assert.Equal("", stream.Flush());
    }

    [Fact]
    public void Replaces_a_character_that_is_never_completed()
    {
        var stream = new StreamingDetokenizer();
        Assert.Equal("", stream.Append([0xE2, 0x82]));
        Assert.Equal("\uFFFD", stream.Flush());
        Assert.Equal("", stream.Flush());
    }

    [Fact]
    public void Replaces_what_no_further_byte_could_save_at_once()
    {
        var stream = new StreamingDetokenizer();
        Assert.Equal("\uFFFD", stream.Append([0x80]));
        Assert.Equal("", stream.Append([0xE2]));
        Assert.Equal("\uFFFDx", stream.Append([(byte)'x']));
        Assert.Equal("\uFFFD\uFFFD", stream.Append([0xFF, 0xC0]));
    }

    [Fact]
    public void Takes_empty_tokens()
    {
        var stream = new StreamingDetokenizer();
        Assert.Equal("", stream.Append([0xC3]));
        Assert.Equal("", stream.Append([]));
        Assert.Equal("é", stream.Append([0xA9]));
    }

    [Fact]
    public void Says_the_same_however_the_bytes_are_cut()
    {
        var random = new Random(2);
        for (var round = 0; round < 300; round++)
        {
            // Half noise, half characters of all lengths with some bytes spoilt.
            var bytes = new byte[random.Next(0, 60)];
            random.NextBytes(bytes);
            if (round % 2 == 0)
            {
                bytes = Encoding.UTF8.GetBytes(RandomText.Next(random, 20));
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var stream = new StreamingDetokenizer();
            var streamed = new StringBuilder();
            for (var start = 0; start < bytes.Length;)
            {
                var length = Math.Min(random.Next(1, 5), bytes.Length - start);
                var text = stream.Append(bytes.AsSpan(start, length));
                Assert.False(text.Length > 0 && (char.IsLowSurrogate(text[0]) || char.IsHighSurrogate(text[^1])), "half a character was emitted");
                streamed.Append(text);
                start += length;
            }

            Assert.Equal(Encoding.UTF8.GetString(bytes), streamed.Append(stream.Flush()).ToString());
        }
    }
}
