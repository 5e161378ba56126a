
namespace ManagedSwarm.Bench.Pages;

/// <summary>What a browser takes to show a page for the first time, with nothing of it kept.</summary>
/// <param name="FirstByteMs">Until the page's first byte has come.</param>
/// <param name="PaintMs">Until something is to be seen.</param>
/// <param name="Bytes">Of all that was sent, with headers.</param>
/// <param name="Requests">How many.</param>
internal sealed record PaintRun(double FirstByteMs, double PaintMs, long Bytes, int Requests)
{
    private const string Read = """
        async () => {
            const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
            const paint = await new Promise(done => new PerformanceObserver(list => {
                const entry = list.getEntriesByName('first-contentful-paint')[0];
                if (entry) done(entry.startTime);
            }).observe({ type: 'paint', buffered: true }));
            return [all[0].responseStart, paint, all.reduce((sum, entry) => sum + entry.transferSize, 0), all.length];
        }
        """;

    public static async Task<PaintRun> RunAsync(PageBrowser browser, Uri address)
    {
        var page = await browser.OpenAsync(address, "/swarm");
        var values = await page.EvaluateAsync<double[]>(Read);
        await page.Context.CloseAsync();
        return new(values[0], values[1], (long)values[2], (int)values[3]);
    }
}
