using System.Diagnostics;
using System.Net;
using ManagedSwarm.Server.Commands;
using ManagedSwarm.Server.Hosting;
using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Bench.Pages;

/// <summary>How smoothly a page shows a large swarm in which much happens.</summary>
/// <param name="Updates">Nodes that have changed, per second.</param>
/// <param name="Drawings">How often something on the page was changed, per second.</param>
/// <param name="Frames">Times from a frame to the next one, in milliseconds.</param>
/// <param name="LongTasks">Tasks of the page that took more than 50 ms.</param>
internal sealed record FrameRun(double Updates, double Drawings, IReadOnlyList<double> Frames, int LongTasks)
{
    private const string Watch = """
        () => {
            window.frames_ = []; window.longTasks = 0; window.drawings = 0;
            new PerformanceObserver(list => window.longTasks += list.getEntries().length).observe({ entryTypes: ['longtask'] });
            new MutationObserver(() => window.drawings++).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
            let last = performance.now();
            const next = now => { window.frames_.push(now - last); last = now; requestAnimationFrame(next); };
            requestAnimationFrame(next);
        }
        """;

    /// <param name="browser">Where.</param>
    /// <param name="nodes">Other nodes.</param>
    /// <param name="perSecond">Changes to make.</param>
    /// <param name="length">How long.</param>
    public static async Task<FrameRun> RunAsync(PageBrowser browser, int nodes, int perSecond, TimeSpan length)
    {
        CrowdedSwarm? swarm = null;
        var folder = Directory.CreateTempSubdirectory("managedswarm-page-");
        await using var server = ApiServer.Create(
            new()
            {
                Address = new ListenAddress(IPAddress.Loopback, 0),
                LogLevel = LogLevel.Error,
                DrainTimeout = TimeSpan.Zero,
                Swarm = new()
                {
                    Start = (options, _) => Task.FromResult<Transport.Membership.ISwarm>(swarm = new CrowdedSwarm(options, nodes)),
                    Folders = new(folder.FullName, null),
                    Settings = new() { IsOn = true },
                },
            },
            TimeProvider.System);
        await server.StartAsync(CancellationToken.None);
        await server.Swarm.StartAsync(CancellationToken.None);
        var page = await browser.OpenAsync(server.Address, "/swarm");
        await page.EvaluateAsync(Watch);
        var (updates, elapsed) = await UpdateAsync(swarm!, nodes, perSecond, length);
        var frames = await page.EvaluateAsync<double[]>("window.frames_");
        var run = new FrameRun(
            updates / elapsed.TotalSeconds,
            await page.EvaluateAsync<int>("window.drawings") / elapsed.TotalSeconds,
            frames,
            await page.EvaluateAsync<int>("window.longTasks"));
        await page.Context.CloseAsync();
        await server.StopAsync();
        folder.Delete(recursive: true);
        return run;
    }

    private static async Task<(int Updates, TimeSpan Elapsed)> UpdateAsync(CrowdedSwarm swarm, int nodes, int perSecond, TimeSpan length)
    {
        var (updates, start) = (0, Stopwatch.GetTimestamp());
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / perSecond));
        while (Stopwatch.GetElapsedTime(start) < length)
        {
            await timer.WaitForNextTickAsync();
            // A timer that is late on a busy machine makes good for it.
            for (; updates < Stopwatch.GetElapsedTime(start).TotalSeconds * perSecond; updates++)
            {
                swarm.Update(updates % nodes);
            }
        }

        return (updates, Stopwatch.GetElapsedTime(start));
    }
}
