using System.Text.Json;
using ManagedSwarm.Server.Commands;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Discovery;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Server.P2p;

/// <summary>
/// <c>settings.json</c> in the user's configuration: <c>{"p2p": true, "p2p_token": "mswarm1:...", "p2p_network_id": "lab"}</c>, each only where
/// it was changed. It holds a token, so only its owner may read it.
/// </summary>
internal static class SettingsFile
{
    public const string Name = "settings.json";

    /// <summary>Bytes of the longest one that is read: a token is far shorter.</summary>
    private const int MaxBytes = 64 << 10;

    private const UnixFileMode Others = ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    /// <summary>What is in it; nothing, where there is none.</summary>
    /// <exception cref="StartException">It is damaged, open to others, or cannot be read; says which file, and why.</exception>
    public static SavedSettings Read(string folder)
    {
        var path = Path.Combine(folder, Name);
        try
        {
            return File.Exists(path) ? Parse(ReadBytes(path)) : new();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or SwarmException or FormatException)
        {
            // What a parser says may quote a token.
            var reason = exception is JsonException ? "it is not the JSON that is expected" : exception.Message;
            throw new StartException($"settings file '{path}': {reason}", exception);
        }
    }

    /// <summary>Writes it in place of the one that is there.</summary>
    /// <exception cref="IOException">Or <see cref="UnauthorizedAccessException"/>: it cannot be written; the old one stays.</exception>
    public static void Write(string folder, SavedSettings settings)
    {
        var body = new SavedSettingsBody(settings.IsOn, settings.Token?.Reveal(), settings.NetworkId);
        AtomicFile.Write(Path.Combine(folder, Name), JsonSerializer.SerializeToUtf8Bytes(body, SavedSettingsJson.Default.SavedSettingsBody));
    }

    private static byte[] ReadBytes(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(file.SafeFileHandle) is var mode && (mode & Others) != 0)
        {
            throw new FormatException($"its mode is {Convert.ToString((int)mode, 8)}, but a token may be open to its owner only: chmod 600");
        }

        // One byte more, so that a longer file is seen as one.
        var bytes = new byte[MaxBytes + 1];
        var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return length <= MaxBytes ? bytes[..length] : throw new FormatException($"it has more than {MaxBytes} bytes");
    }

    private static SavedSettings Parse(byte[] bytes)
    {
        var body = JsonSerializer.Deserialize(bytes, SavedSettingsJson.Default.SavedSettingsBody);
        if (body?.P2pNetworkId is { } name && !OptionSyntax.TryParseName(name, out _))
        {
            throw new FormatException($"p2p_network_id: expected {OptionSyntax.ExpectedName}");
        }

        return new(body?.P2p, body?.P2pToken is { } token ? SwarmToken.Parse(token) : null, body?.P2pNetworkId);
    }
}
