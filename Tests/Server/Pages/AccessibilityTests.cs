using ManagedSwarm.Tests.Server.P2p;
using ManagedSwarm.Tests.Server.P2pApi;
using ManagedSwarm.Transport.Membership;
using Microsoft.Playwright;

namespace ManagedSwarm.Tests.Server.Pages;

/// <summary>
/// What all pages promise to those who see little, use no mouse, or have a small screen (WCAG 2.2: 1.4.3, 1.4.10, 2.1.1, 2.4.7, 4.1.2).
/// </summary>
public sealed class AccessibilityTests(Browser browser)
{
    private const string SignIn = "/sign-in";
    private const int PhoneWidth = 360;

    /// <summary>What can be used on a page, in the order of the document.</summary>
    private const string Controls =
        """
        const controls = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
            .filter(one => one.tabIndex >= 0 && !one.disabled && one.checkVisibility({ visibilityProperty: true }))
            // Of a group of radio buttons, arrows choose.
            .filter(one => one.type !== 'radio' || one.checked);
        const told = one => one.outerHTML.slice(0, 160);
        """;

    public static TheoryData<string> Pages =>
        ["/chat", "/swarm", "/swarm?tab=join", "/swarm?tab=federation", "/swarm?tab=plan", "/loaded", SignIn];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Fits_a_phone(string path)
    {
        await using var node = await StartAsync(path);
        await using var window = await browser.OpenAsync(node.Http.BaseAddress!, options => options.ViewportSize = new() { Width = PhoneWidth, Height = 740 });

        await GoAsync(window, path);

        Assert.Equal(PhoneWidth, await window.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Each_control_has_a_name_and_comes_by_the_keyboard_and_shows_that_it_has_the_focus(string path)
    {
        await using var node = await StartAsync(path);
        await using var window = await browser.OpenAsync(node.Http.BaseAddress!);
        await GoAsync(window, path);
        var controls = await window.Page.EvaluateAsync<string[]>(
            $"() => {{ {Controls} controls.forEach((one, i) => one.dataset.control = i); return controls.map(told); }}");
        Assert.Empty(await window.Page.EvaluateAsync<string[]>(
            $$"""
            () => {
                {{Controls}}
                const nameOf = one => [one.ariaLabel, one.textContent, one.title, ...[...(one.labels ?? [])].map(label => label.textContent),
                    ...(one.getAttribute('aria-labelledby') ?? '').split(' ').map(id => document.getElementById(id)?.textContent)];
                return controls.filter(one => one.matches('a, button, input, select, textarea') && !nameOf(one).some(name => name?.trim())).map(told);
            }
            """));

        var reached = new HashSet<string>();
        var withoutSign = new List<string>();
        // Twice, and the way through the browser's own: where a page begins to be focused is its own affair.
        for (var i = 0; i < (2 * controls.Length) + 4; i++)
        {
            await window.Page.Keyboard.PressAsync("Tab");
            var focused = await window.Page.EvaluateAsync<string[]>(
                """
                () => {
                    const one = document.activeElement;
                    const isSeen = one => one && (getComputedStyle(one).outlineStyle !== 'none' || getComputedStyle(one).boxShadow !== 'none');
                    return [one.dataset.control ?? '', isSeen(one) || isSeen(one.closest('.chat-box')) ? 'seen' : one.outerHTML.slice(0, 160)];
                }
                """);
            reached.Add(focused[0]);
            if (focused[0].Length > 0 && focused[1] != "seen")
            {
                withoutSign.Add(focused[1]);
            }
        }

        Assert.Empty(controls.Where((_, i) => !reached.Contains($"{i}")));
        Assert.Empty(withoutSign);
    }

    public static TheoryData<string, ColorScheme> PagesInLightAndDark =>
        [.. Pages.SelectMany(page => new[] { (page.Data, ColorScheme.Light), (page.Data, ColorScheme.Dark) })];

    [Theory]
    [MemberData(nameof(PagesInLightAndDark))]
    public async Task Text_stands_out_from_what_is_behind_it(string path, ColorScheme scheme)
    {
        await using var node = await StartAsync(path);
        await using var window = await browser.OpenAsync(node.Http.BaseAddress!, options => options.ColorScheme = scheme);
        await GoAsync(window, path);

        Assert.Empty(await window.Page.EvaluateAsync<string[]>(
            """
            () => {
                const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
                const over = (colours) => {
                    canvas.clearRect(0, 0, 1, 1);
                    colours.forEach(colour => { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); });
                    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
                };
                const linear = part => part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4;
                const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
                const behind = one => one ? [...behind(one.parentElement), getComputedStyle(one).backgroundColor] : ['white'];
                const bad = [];
                for (const one of document.querySelectorAll('body *:not(svg *, script, style)')) {
                    const words = [...one.childNodes].filter(node => node.nodeType === Node.TEXT_NODE).map(node => node.data).join('').trim();
                    if (!words || !one.checkVisibility({ visibilityProperty: true }) || one.closest(':disabled, .skip')) continue;
                    const style = getComputedStyle(one), size = parseFloat(style.fontSize);
                    const isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
                    const [front, back] = [luminance(over([...behind(one), style.color])), luminance(over(behind(one)))];
                    const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
                    if (ratio < (isLarge ? 3 : 4.5)) bad.push(`${ratio.toFixed(2)}: "${words}" ${style.color} on ${over(behind(one))}`);
                }
                return bad;
            }
            """));
    }

    /// <summary>A node with members in all states, and instances among them.</summary>
    private static async Task<SwarmServer> StartAsync(string path)
    {
        var node = await SwarmServer.StartAsync(options => path == SignIn ? options with { ApiKeys = [new("key")] } : options);
        node.Swarm.Others.AddRange(
        [
            FakeSwarms.Member("a worker with a long name that somebody has given it", MemberState.Alive, NodeRole.Worker),
            FakeSwarms.Member("suspect", MemberState.Suspect, NodeRole.Worker),
            FakeSwarms.Member("lost", MemberState.Lost, NodeRole.Instance),
            FakeSwarms.Member("left", MemberState.Left, NodeRole.Instance),
        ]);
        return node;
    }

    private static Task GoAsync(BrowserPage window, string path) => path == SignIn ? window.Page.GotoAsync(path) : window.GoAsync(path);
}
