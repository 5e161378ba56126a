using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Server.Commands;

/// <summary>How the texts of options that are alike become values.</summary>
internal static class OptionSyntax
{
    /// <summary>What <see cref="TryParseName"/> accepts, in words.</summary>
    public const string ExpectedName = "1 to 128 characters, none of them a control character";

    private const int MaxNameChars = 128;
    private static readonly string[] OnWords = ["on", "true", "1", "yes"];
    private static readonly string[] OffWords = ["off", "false", "0", "no"];

    /// <summary>One of a few words.</summary>
    public static OptionSpec<T> Choice<T>(string name, string description, string defaultText, params (string Name, T Value)[] choices)
    {
        return new(name, string.Join('|', choices.Select(c => c.Name)), description,
            string.Join(choices.Length == 2 ? " or " : ", ", choices.Select(c => $"'{c.Name}'")), defaultText, TryParse);

        bool TryParse(string text, [MaybeNullWhen(false)] out T value)
        {
            var index = Array.FindIndex(choices, c => c.Name == text);
            value = index < 0 ? default : choices[index].Value;
            return index >= 0;
        }
    }

    /// <summary>A whole number.</summary>
    public static TryParseOption<int> Whole(int min, int max) => (string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= min && value <= max;

    /// <summary>Parses <c>on</c> and <c>off</c>, and what other programs' variables say instead.</summary>
    public static bool TryParseSwitch(string text, out bool value)
    {
        value = OnWords.Contains(text, StringComparer.OrdinalIgnoreCase);
        return value || OffWords.Contains(text, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary><c>on</c> or <c>off</c>.</summary>
    public static string SwitchText(bool value) => (value ? OnWords : OffWords)[0];

    public static bool TryParsePath(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return text.Length > 0;
    }

    public static bool TryParseName(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return text.Trim().Length > 0 && text.Length <= MaxNameChars && !text.Any(char.IsControl);
    }

    /// <summary>Parses where to connect by TCP.</summary>
    public static bool TryParseRemote(string text, [MaybeNullWhen(false)] out Multiaddress value) =>
        Multiaddress.TryParse(text, out value) && value.TcpEndPoint is not null;

    /// <summary>Parses where to listen for TCP connections.</summary>
    public static bool TryParseLocal(string text, [MaybeNullWhen(false)] out Multiaddress value) =>
        Multiaddress.TryParse(text, out value) && value.TcpEndPoint is IPEndPoint && value.PeerId is null;
}
