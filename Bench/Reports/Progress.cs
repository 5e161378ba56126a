using System.Diagnostics;
using System.Globalization;

namespace ManagedSwarm.Bench.Reports;

/// <summary>Tells on standard error how far a measurement has come.</summary>
internal static class Progress
{
    private static readonly DateTime Start = Process.GetCurrentProcess().StartTime;

    public static void Say(string text) =>
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(DateTime.Now - Start).TotalSeconds,7:F1} s  {text}"));
}
