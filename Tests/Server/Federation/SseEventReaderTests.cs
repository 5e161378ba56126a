using System.Text;
using ManagedSwarm.Server.Federation;

namespace ManagedSwarm.Tests.Server.Federation;

public sealed class SseEventReaderTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cuts_events_at_empty_lines()
    {
        await using var reader = Reader("data: 1\n\nevent: error\ndata: 2\n\n:\n\n");
        Assert.Equal("data: 1\n\n", await NextAsync(reader));
        Assert.Equal("event: error\ndata: 2\n\n", await NextAsync(reader));
        Assert.Equal(":\n\n", await NextAsync(reader));
        Assert.Null(await NextAsync(reader));
    }

    [Fact]
    public async Task Rejects_a_stream_that_ends_in_an_event()
    {
        await using var reader = Reader("data: 1\n\ndata: 2\n");
        await NextAsync(reader);
        await Assert.ThrowsAsync<InvalidDataException>(() => NextAsync(reader));
    }

    [Fact]
    public async Task Rejects_an_event_that_is_too_long()
    {
        await using var reader = Reader(new string('x', SseEventReader.MaxBytes + (64 << 10)));
        await Assert.ThrowsAsync<InvalidDataException>(() => NextAsync(reader));
    }

    private static SseEventReader Reader(string text) => new(new MemoryStream(Encoding.ASCII.GetBytes(text)));

    private static async Task<string?> NextAsync(SseEventReader reader) =>
        await reader.NextAsync(Cancellation) is { } sent ? Encoding.ASCII.GetString(sent) : null;
}
