using System.Globalization;

namespace ManagedSwarm.Server.Pages.Models;

/// <summary>Bytes as people read them.</summary>
internal static class SizeText
{
    private const int Step = 1024;
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>Such as <c>2.9 MiB</c>; <c>—</c>: not known.</summary>
    public static string Of(long? bytes)
    {
        if (bytes is not { } count)
        {
            return "—";
        }

        var unit = 0;
        double size = count;
        for (; size >= Step && unit < Units.Length - 1; unit++)
        {
            size /= Step;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{Math.Round(size, unit == 0 ? 0 : 1)} {Units[unit]}");
    }
}
