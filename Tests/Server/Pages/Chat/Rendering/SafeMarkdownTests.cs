using System.Text.RegularExpressions;
using ManagedSwarm.Server.Pages.Chat.Rendering;

namespace ManagedSwarm.Tests.Server.Pages.Chat.Rendering;

public sealed partial class SafeMarkdownTests
{
    public static TheoryData<string> Attacks =>
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "<iframe src=\"javascript:alert(1)\"></iframe>",
        "text <b onmouseover=alert(1)>bold</b> text",
        "<!-- --><script>alert(1)</script>",
        "<![CDATA[<script>alert(1)</script>]]>",
        "<?php echo 1 ?>",
        "<style>*{background:url(https://evil.example)}</style>",
        "<a href=\"https://x.example\" onclick=\"alert(1)\">x</a>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](javascript&colon;alert(1))",
        "[x](\u0001javascript:alert(1))",
        "[x](vbscript:msgbox(1))",
        "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
        "[x](file:///etc/passwd)",
        "[x](//evil.example/a)",
        "[x](/api/swarm/unload)",
        "[x](https://a.example/\"onmouseover=\"alert(1))",
        "[x](<https://a.example/\" onmouseover=\"alert(1)>)",
        "[x](https://a.example/ \"title\\\" onmouseover=\\\"alert(1)\")",
        "[x](https://bank.example@evil.example/)",
        "![x](javascript:alert(1))",
        "![x\"onerror=\"alert(1)](https://a.example/b.png)",
        "![<script>alert(1)</script>](https://a.example/b.png)",
        "<javascript:alert(1)>",
        "<https://a.example/\"onclick=alert(1)>",
        "https://a.example/\"onclick=\"alert(1)",
        "www.a.example/<script>alert(1)</script>",
        "[x][1]\n\n[1]: javascript:alert(1)",
        "[x][1]\n\n[1]: https://a.example '\"><script>alert(1)</script>'",
        "`<script>alert(1)</script>`",
        "```\n</code></pre><script>alert(1)</script>\n```",
        "```\"><script>alert(1)</script>\ncode\n```",
        "```js\" onclick=\"alert(1)\ncode\n```",
        "    <script>alert(1)</script>",
        "# <script>alert(1)</script>",
        "a | <script>alert(1)</script>\n--|--\n<img src=x onerror=alert(1)> | b",
        "- <script>alert(1)</script>\n- [ ] <img src=x onerror=alert(1)>",
        "> <script>alert(1)</script>",
        "**<script>alert(1)</script>** ~~<svg onload=alert(1)>~~",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "&#60;img src=x onerror=alert(1)&#62;",
        "<scr\0ipt>alert(1)</scr\0ipt>",
        "\\<script>alert(1)\\</script>",
        "[a]: <script>\n[a]",
        "{onclick=alert(1)}\n# heading {.x onclick=alert(1)}",
        "99999999999999999999. item\n\n123456789. item",
    ];

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Writes_no_tag_and_no_attribute_but_its_own(string text)
    {
        var html = SafeMarkdown.ToHtml(text);

        Assert.All(AnyTag().Matches(html), tag => Assert.Matches(OwnTag(), tag.Value));
        // What is left is text: no quote or bracket in it can begin anything.
        Assert.DoesNotMatch("[<>\"']", AnyTag().Replace(html, ""));
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Writes_the_same_safe_tags_while_it_streams(string text)
    {
        var streamed = new StreamedMarkdown();
        foreach (var c in text)
        {
            streamed.Append([c]);
            streamed.Render();
            Assert.All(AnyTag().Matches(string.Concat(streamed.Blocks)), tag => Assert.Matches(OwnTag(), tag.Value));
        }
    }

    [Theory]
    [InlineData("[x](https://a.example/b?c=d&e=f)", "<a href=\"https://a.example/b?c=d&amp;e=f\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">x</a>")]
    [InlineData("<mailto:a@b.example>", "<a href=\"mailto:a@b.example\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">mailto:a@b.example</a>")]
    [InlineData("<a@b.example>", "<a href=\"mailto:a@b.example\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">a@b.example</a>")]
    [InlineData("[x](javascript:y)", "x")]
    [InlineData("[x](/local)", "x")]
    [InlineData("![a fox](https://a.example/f.png)", "<span class=\"image\"><a href=\"https://a.example/f.png\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">image: a fox</a></span>")]
    [InlineData("![](data:image/png;base64,AA)", "<span class=\"image\">image</span>")]
    public void Links_lead_to_the_web_only_and_images_are_links(string text, string expected) => Assert.Equal($"<p>{expected}</p>", SafeMarkdown.ToHtml(text));

    [Theory]
    [InlineData("# One\n## Two\n##### Five", "<h3>One</h3><h4>Two</h4><h6>Five</h6>")]
    [InlineData("*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <del>c</del> <code>d</code></p>")]
    [InlineData("a\nb", "<p>a<br>b</p>")]
    [InlineData("- a\n- b\n  - c", "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>")]
    [InlineData("3. a\n4. b", "<ol start=\"3\"><li>a</li><li>b</li></ol>")]
    [InlineData("- a\n\n- b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>")]
    [InlineData("- [x] a\n- [ ] b", "<ul><li>&#9745; a</li><li>&#9744; b</li></ul>")]
    [InlineData("> a\n\n---", "<blockquote><p>a</p></blockquote><hr>")]
    [InlineData(
        "a | b\n:-: | -:\n1 | 2",
        "<div class=\"table-scroll\" tabindex=\"0\"><table><tr><th class=\"align-center\">a</th><th class=\"align-right\">b</th></tr>"
        + "<tr><td class=\"align-center\">1</td><td class=\"align-right\">2</td></tr></table></div>")]
    [InlineData(
        "```c#\nx < y\n```",
        "<div class=\"code\"><div class=\"code-bar\"><span>c#</span><button type=\"button\" class=\"copy\" data-copy-of=\".code\">Copy</button></div>"
        + "<pre tabindex=\"0\"><code>x &lt; y\n</code></pre></div>")]
    [InlineData("a <b>c</b>", "<p>a &lt;b&gt;c&lt;/b&gt;</p>")]
    [InlineData("", "")]
    public void Writes_what_Markdown_means(string text, string expected) => Assert.Equal(expected, SafeMarkdown.ToHtml(text));

    [Theory]
    [InlineData("[")]
    [InlineData("[](")]
    [InlineData("![[")]
    [InlineData("> ")]
    [InlineData("1. ")]
    [InlineData("*a ")]
    [InlineData("*_")]
    [InlineData("~~a")]
    [InlineData("[x](y")]
    [InlineData("| a ")]
    [InlineData("`|")]
    public void Nothing_that_is_nested_or_repeated_without_end_stops_it_or_is_lost(string part)
    {
        foreach (var count in new[] { 20, 40, 100, 200, SafeMarkdown.MaxParsed / part.Length })
        {
            var html = SafeMarkdown.ToHtml(string.Concat(Enumerable.Repeat(part, count)) + "end");
            Assert.EndsWith("end", AnyTag().Replace(html, "").TrimEnd(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_text_that_is_too_long_to_be_parsed_is_shown_as_it_is()
    {
        var html = SafeMarkdown.ToHtml(new string('*', SafeMarkdown.MaxParsed) + "<b>");
        Assert.StartsWith("<pre class=\"plain\">***", html, StringComparison.Ordinal);
        Assert.EndsWith("&lt;b&gt;</pre>", html, StringComparison.Ordinal);
    }

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex AnyTag();

    [GeneratedRegex(
        "^<(/?(p|em|strong|del|code|ul|ol|li|blockquote|h[3-6]|table|tr|td|th|a|div|span|pre|button)|br|hr|pre class=\"plain\"|pre tabindex=\"0\"|ol start=\"[0-9]{1,9}\""
        + "|t[dh] class=\"align-(center|right)\"|div class=\"(code|code-bar)\"|div class=\"table-scroll\" tabindex=\"0\"|span class=\"image\""
        + "|button type=\"button\" class=\"copy\" data-copy-of=\".code\""
        + "|a href=\"(https?://|mailto:)[^\"<>]*\" target=\"_blank\" rel=\"noopener noreferrer nofollow\")>$")]
    private static partial Regex OwnTag();
}
