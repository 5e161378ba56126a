using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ManagedSwarm.Tests.Server.EndToEnd;
using Microsoft.Playwright;

namespace ManagedSwarm.Tests.Server.Pages.Swarm;

/// <summary>The page of a real swarm: a head and two workers, each a process, with a model spread over all three.</summary>
public sealed class SwarmProcessTests(Browser browser)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Each number is what the API says, and what the machine is.</summary>
    [Fact]
    public async Task Shows_what_is_true()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the machine's facts are compared with /proc");
        await using var swarm = await PageSwarm.StartAsync();
        await using var window = await browser.OpenAsync(swarm.Head.Http.BaseAddress!);
        await window.GoAsync("/swarm");
        await swarm.ReplyAsync();

        await EventuallyEqualAsync(swarm.Head, window.Page);

        var total = Regex.Match(await File.ReadAllTextAsync("/proc/meminfo", Cancellation), @"MemTotal:\s+(\d+) kB").Groups[1].Value;
        var cards = window.Page.Locator("[data-node]");
        Assert.Equal(3, await cards.CountAsync());
        for (var i = 0; i < 3; i++)
        {
            var shown = await cards.Nth(i).Locator("[data-field=total]").GetAttributeAsync("value");
            // A cgroup may allow less than the machine has.
            Assert.InRange(long.Parse(shown!, CultureInfo.InvariantCulture), 1, long.Parse(total, CultureInfo.InvariantCulture) * 1024);
            Assert.Equal(Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture), await cards.Nth(i).Locator("[data-field=cores]").InnerTextAsync());
        }

        await Assertions.Expect(window.Page.Locator(".pipeline .stage")).ToHaveCountAsync(3);
        window.AssertClean();
    }

    [Fact]
    public async Task Shows_that_a_worker_is_lost_and_what_became_of_its_layers()
    {
        await using var swarm = await PageSwarm.StartAsync();
        await using var window = await browser.OpenAsync(swarm.Head.Http.BaseAddress!);
        await window.GoAsync("/swarm");
        var card = window.Page.Locator("[data-node]").Filter(new() { Has = window.Page.GetByRole(AriaRole.Heading, new() { Name = "w1" }) });
        await Assertions.Expect(card).ToContainTextAsync("alive");

        swarm.Workers[1].Kill();

        await Assertions.Expect(card).ToHaveClassAsync(new Regex(@"\blost\b"));
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Log)).ToContainTextAsync("w1 is lost");
        await Assertions.Expect(window.Page.Locator(".pipeline .stage").Filter(new() { HasText = "w1" })).ToHaveCountAsync(0);
        window.AssertClean();
    }

    /// <summary>Both are looked at again and again: what is measured changes all the time.</summary>
    private static async Task EventuallyEqualAsync(NodeProgram head, IPage page)
    {
        IReadOnlyList<string> differences = [];
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < Patience;)
        {
            var swarm = JsonNode.Parse(await head.Http.GetStringAsync("/api/swarm", Cancellation))!;
            differences = [.. await DifferencesAsync(swarm, page)];
            if (differences.Count == 0)
            {
                return;
            }

            await Task.Delay(50, Cancellation);
        }

        Assert.Fail(string.Join('\n', differences));
    }

    private static async Task<List<string>> DifferencesAsync(JsonNode swarm, IPage page)
    {
        var differences = new List<string>();
        var shown = await page.EvaluateAsync<Dictionary<string, Dictionary<string, string>>>("""
            () => Object.fromEntries([...document.querySelectorAll('[data-node]')].map(card => [card.dataset.node,
                Object.fromEntries([...card.querySelectorAll('[data-field]')].map(field => [field.dataset.field, field.getAttribute('value') ?? field.textContent]))]))
            """);
        foreach (var member in swarm["members"]!.AsArray())
        {
            var card = shown.GetValueOrDefault((string)member!["id"]!) ?? [];
            foreach (var (field, expected) in FieldsOf(member))
            {
                if (card.GetValueOrDefault(field) != expected)
                {
                    differences.Add($"{member["name"]}: {field} is {expected}, and shown as {card.GetValueOrDefault(field)}");
                }
            }
        }

        return differences;
    }

    private static IEnumerable<(string Field, string Expected)> FieldsOf(JsonNode member)
    {
        var round = (double?)member["round_trip_seconds"];
        var models = string.Join(", ", member["models"]!.AsArray().Select(model => (string)model!["id"]!));
        yield return ("free", member["free_memory"]!.ToString());
        yield return ("total", member["total_memory"]!.ToString());
        yield return ("cores", member["cores"]!.ToString());
        yield return ("device", (string)member["device"]!);
        yield return ("version", (string)member["version"]!);
        yield return ("in-flight", member["load"]!["in_flight"]!.ToString());
        yield return ("queued", member["load"]!["queued"]!.ToString());
        yield return ("speed", member["load"]!["tokens_per_second"] is { } speed ? $"{speed} tokens/s" : "—");
        yield return ("models", models.Length > 0 ? models : "—");
        yield return ("seen", "now");
        yield return ("round-trip", (bool)member["is_self"]! ? "this node"
            : round is null ? "—"
            : round < 0.01 ? string.Create(CultureInfo.InvariantCulture, $"{round * 1000:0.00} ms")
            : string.Create(CultureInfo.InvariantCulture, $"{round * 1000:0} ms"));
        if (!(bool)member["is_self"]!)
        {
            yield return ("address", (string)member["remote_address"]!);
        }
    }
}
