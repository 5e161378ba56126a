using System.Text;
using ManagedSwarm.Engine.Generation;

namespace ManagedSwarm.Tests.Engine.Generation;

public sealed class ReplyTextTests
{
    [Fact]
    public void Holds_tokens_back_with_their_text()
    {
        var reply = new ReplyText(0, ["world"]);
        Assert.Equal("Hello[0]", Show(reply.Append(Token(0, "Hello"))));
        Assert.Equal(" [1]", Show(reply.Append(Token(1, " wor"))));
        Assert.Equal("", Show(reply.Append(Token(2, "l"))));
        Assert.Equal("worlx[2,3]", Show(reply.Append(Token(3, "x"))));
        Assert.Equal("", Show(reply.Finish()));
    }

    [Fact]
    public void Reports_tokens_that_begin_before_the_stop_and_no_others()
    {
        var reply = new ReplyText(0, ["world"]);
        Assert.Equal("Hello [0]", Show(reply.Append(Token(0, "Hello wo"))));
        Assert.Equal("", Show(reply.Append(Token(1, "rl"))));
        Assert.Equal("", Show(reply.Append(Token(2, "d and more"))));
        Assert.True(reply.IsStopped);
        Assert.Equal("", Show(reply.Finish()));
    }

    [Fact]
    public void Reports_all_tokens_of_a_character_with_it()
    {
        var reply = new ReplyText(0, []);
        Assert.Null(reply.Append(new GeneratedToken(0, new byte[] { 0xF0, 0x9F }, 0, [])));
        Assert.Null(reply.Append(new GeneratedToken(1, new byte[] { 0x98 }, 0, [])));
        Assert.Equal("😀a[0,1,2]", Show(reply.Append(new GeneratedToken(2, new byte[] { 0x80, (byte)'a' }, 0, []))));
    }

    [Fact]
    public void Ends_half_a_character_with_a_replacement()
    {
        var reply = new ReplyText(0, []);
        Assert.Null(reply.Append(new GeneratedToken(7, new byte[] { 0xE4, 0xBD }, 0, [])));
        Assert.Equal("\uFFFD[7]", Show(reply.Finish()));
    }

    [Fact]
    public void Finds_a_stop_that_is_spread_over_the_bytes_of_many_tokens()
    {
        var random = new Random(13);
        string[] characters = ["é", "😁", "x"];
        for (var round = 0; round < 1_000; round++)
        {
            var before = string.Concat(Enumerable.Range(0, random.Next(10)).Select(_ => characters[random.Next(3)]));
            var bytes = Encoding.UTF8.GetBytes(before + "é😀é" + "never seen");
            var reply = new ReplyText(0, ["é😀é"]);
            var said = new StringBuilder();
            var reported = new List<int>();
            var starts = new List<int>();
            for (var start = 0; start < bytes.Length && !reply.IsStopped;)
            {
                var length = Math.Min(1 + random.Next(4), bytes.Length - start);
                starts.Add(start);
                Take(reply.Append(new GeneratedToken(starts.Count - 1, bytes.AsMemory(start, length), 0, [])));
                start += length;
            }

            Take(reply.Finish());
            Assert.True(reply.IsStopped);
            Assert.Equal(before, said.ToString());
            Assert.Equal(Enumerable.Range(0, starts.Count(start => start < Encoding.UTF8.GetByteCount(before))), reported);

            void Take(TextGenerated? part)
            {
                said.Append(part?.Text);
                reported.AddRange(part?.Tokens.Select(token => token.Token) ?? []);
            }
        }
    }

    private static GeneratedToken Token(int id, string text) => new(id, Encoding.UTF8.GetBytes(text), 0, []);

    private static string Show(TextGenerated? part) =>
        part is null ? "" : $"{part.Text}[{string.Join(',', part.Tokens.Select(token => token.Token))}]";
}
