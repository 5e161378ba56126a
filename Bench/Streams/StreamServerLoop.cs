using System.Globalization;
using ManagedSwarm.Bench.Loading;

namespace ManagedSwarm.Bench.Streams;

/// <summary>The other process's questions and answers: lines of standard input and output, until the input ends.</summary>
internal static class StreamServerLoop
{
    /// <summary>How many bytes were allocated so far.</summary>
    public const string Allocated = "allocated";

    /// <summary>How many bytes of the managed heap are in use, and how many of the process are resident and of no file.</summary>
    public const string Memory = "memory";

    public static async Task RunAsync(TextReader input, TextWriter output)
    {
        await using var server = await StreamServer.StartAsync();
        await AnswerAsync(output, server.Addresses.ToString());
        while (await input.ReadLineAsync() is { } question)
        {
            await AnswerAsync(output, question == Allocated
                ? GC.GetTotalAllocatedBytes(precise: true).ToString(CultureInfo.InvariantCulture)
                : MeasureMemory());
        }
    }

    private static async Task AnswerAsync(TextWriter output, string line)
    {
        await output.WriteLineAsync(line);
        await output.FlushAsync();
    }

    private static string MeasureMemory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return string.Create(CultureInfo.InvariantCulture, $"{GC.GetTotalMemory(forceFullCollection: true)} {ProcessMemory.Anonymous()}");
    }
}
