using System.Text;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Server.Federation;

namespace ManagedSwarm.Tests.Server.Federation;

public sealed class TokenCommentTests
{
    [Fact]
    public void What_is_written_is_read_and_goes_no_further()
    {
        var (reply, comments) = (new RelayedReply(), new TokenComments(textLength: 3));
        foreach (var happened in new GenerationEvent[] { new TextGenerated(0, "ab", [Token(7), Token(12)]), new TextGenerated(0, "", [Token(0)]), new ChoiceFinished(0, FinishReason.Stop, 3) })
        {
            byte[] sent = [.. comments.Next(happened)(), .. "data: x\n\n"u8];
            Assert.Equal("data: x\n\n", Encoding.ASCII.GetString(TokenComment.Strip(sent, reply).Span));
        }

        Assert.Equal([7, 12, 0], reply.Point.Tokens);
        Assert.Equal(5, reply.Point.TextLength);
    }

    [Theory]
    [InlineData(":tokens 1\ndata: x\n\n")]
    [InlineData(":tokens 1,;2\ndata: x\n\n")]
    [InlineData(":tokens x;2\ndata: x\n\n")]
    [InlineData(":tokens 1;-2\ndata: x\n\n")]
    [InlineData(":tokens 1;2 \ndata: x\n\n")]
    public void Rejects_what_is_no_list(string sent) =>
        Assert.Throws<InvalidDataException>(() => TokenComment.Strip(Encoding.ASCII.GetBytes(sent), new RelayedReply()));

    private static GeneratedToken Token(int id) => new(id, default, float.NaN, []);
}
