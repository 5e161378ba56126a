using System.Globalization;

namespace ManagedSwarm.Server.Pages;

/// <summary>Values as pages show them. What nobody has measured is a dash: nothing is made up.</summary>
public static class ShownValue
{
    public const string Unknown = "—";

    private const double Step = 1024;
    private const int GigabyteUnit = 3;

    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>Such as <c>15.6 GiB</c>, <c>2.9 MiB</c>, <c>412 MiB</c>.</summary>
    public static string Bytes(long? bytes)
    {
        if (bytes is not { } count)
        {
            return Unknown;
        }

        var unit = 0;
        double size = count;
        for (; size >= Step && unit < Units.Length - 1; unit++)
        {
            size /= Step;
        }

        // Of gigabytes, tenths matter; of three digits, they do not.
        var digits = unit == 0 || (size >= 10 && unit < GigabyteUnit) ? 0 : 1;
        return $"{size.ToString(digits == 0 ? "0" : "0.0", CultureInfo.InvariantCulture)} {Units[unit]}";
    }

    /// <summary>Such as <c>0.35 ms</c>, <c>41 ms</c>, <c>2.1 s</c>.</summary>
    public static string Milliseconds(double? ms) => ms switch
    {
        null => Unknown,
        < 10 => string.Create(CultureInfo.InvariantCulture, $"{ms:0.00} ms"),
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{ms:0} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{ms / 1000:0.0} s"),
    };

    /// <summary>How long ago; who answered within the last seconds is there now.</summary>
    public static string Ago(double seconds) => seconds switch
    {
        < 5 => "now",
        < 120 => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds):0} s ago"),
        < 7200 => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds / 60):0} min ago"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds / 3600):0} h ago"),
    };

    /// <summary>How much longer something took than was predicted: <c>+7 %</c>.</summary>
    public static string Error(double? part) =>
        part is { } known ? string.Create(CultureInfo.InvariantCulture, $"{100 * known:+0;−0;±0} %") : Unknown;

    /// <summary>A count.</summary>
    public static string Count(long? count) => count?.ToString(CultureInfo.InvariantCulture) ?? Unknown;

    /// <summary>Layers as people count them, both ends included: <c>0–7</c>, <c>3</c>.</summary>
    public static string Layers(int first, int end) =>
        end == first + 1 ? Count(first) : string.Create(CultureInfo.InvariantCulture, $"{first}–{end - 1}");

    /// <summary>A part of a whole, from 0 to 100.</summary>
    public static int Percent(double part, double whole) => whole > 0 ? (int)Math.Round(100 * Math.Clamp(part / whole, 0, 1)) : 0;
}
