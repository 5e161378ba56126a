using ManagedSwarm.Server.Pages.Chat.Rendering;

namespace ManagedSwarm.Tests.Server.Pages.Chat.Rendering;

public sealed class StreamedMarkdownTests
{
    public static TheoryData<string> Texts =>
    [
        "A paragraph,\nof two lines.\n\nAnother one.",
        "# Title\n\nText with **bold** and *emphasis*, and `code`.\n## Next\nMore.",
        "Title\n===\n\nText\n---\nMore",
        "Before\n```python\nfor i in range(3):\n\n    print(i)\n```\nAfter\n\n~~~\nno end",
        "- a\n- b\n\n  more of b\n\n- c\n\n\nnot a list\n1. one\n2. two",
        "a\n1",
        "para\n#nothing\npara\n# heading",
        "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\nAfter the table | there.",
        "> quote\nlazy\n\n> other\n\ntext",
        "text\n\n    indented code\n\n    more of it\n\ntext",
        "***\n\n- - -\n\n+ x\n+ y\n* z",
        "1. a\n   ```\n   code\n   ```\n2. b",
        "Wind \u00E4 \U0001F98A https://a.example/b and *open",
        "\n\n\nlate\n\n\n\nlater\n\n",
        "a\r\nb\r\n\r\nc\r\n- d\r\n- e\r\n",
    ];

    [Theory]
    [MemberData(nameof(Texts))]
    public void Shows_at_any_time_what_the_text_so_far_means(string text)
    {
        var streamed = new StreamedMarkdown();
        for (var length = 1; length <= text.Length; length++)
        {
            streamed.Append(text.AsSpan(length - 1, 1));
            streamed.Render();
            Assert.Equal(SafeMarkdown.ToHtml(text[..length]), string.Concat(streamed.Blocks));
        }

        streamed.Finish();
        Assert.Equal(SafeMarkdown.ToHtml(text), string.Concat(streamed.Blocks));
        Assert.Equal(text, streamed.Text);
    }

    [Fact]
    public void Blocks_that_are_settled_stay_the_same_objects()
    {
        var streamed = new StreamedMarkdown();
        streamed.Append("one\n\ntwo\n\nthree\n");
        streamed.Render();
        var before = streamed.Blocks;
        streamed.Append("\nfour and more\n");
        streamed.Render();

        Assert.Equal(["<p>one</p>", "<p>two</p>", "<p>three</p>", "<p>four and more</p>"], streamed.Blocks);
        Assert.Same(before[0], streamed.Blocks[0]);
        Assert.Same(before[1], streamed.Blocks[1]);
    }

    [Fact]
    public void Links_find_their_addresses_in_other_blocks_at_the_end()
    {
        var streamed = new StreamedMarkdown();
        streamed.Append("See [this][1].\n\nText.\n\n");
        streamed.Render();
        streamed.Append("[1]: https://a.example/b\n");
        streamed.Render();
        Assert.Contains("[this][1]", string.Concat(streamed.Blocks), StringComparison.Ordinal);

        streamed.Finish();
        Assert.Contains("<a href=\"https://a.example/b\"", string.Concat(streamed.Blocks), StringComparison.Ordinal);
        Assert.EndsWith("<p>Text.</p>", string.Concat(streamed.Blocks), StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_text_of_many_blocks_is_rendered_to_its_end()
    {
        var text = string.Concat(Enumerable.Range(0, 5000).Select(i => $"Paragraph **{i}** of many.\n\n"));

        var streamed = StreamedMarkdown.Of(text);

        Assert.Equal(5000, streamed.Blocks.Count);
        Assert.Equal("<p>Paragraph <strong>4999</strong> of many.</p>", streamed.Blocks[^1]);
    }
}
