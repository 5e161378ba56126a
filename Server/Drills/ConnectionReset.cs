using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ManagedSwarm.Server.Drills;

/// <summary>
/// Resets TCP connections of another process, from outside: <c>ss -K</c> of Linux, which needs the right to manage the network and a kernel
/// that was built with it.
/// </summary>
/// <param name="limits">How long commands may take.</param>
internal sealed class ConnectionReset(DrillLimits limits)
{
    private const string Command = "ss";

    /// <summary>Tries it on a connection of its own.</summary>
    /// <returns>Why it cannot be done here; null: it can.</returns>
    public async Task<string?> WhyNotAsync(CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
        {
            return "connections of other processes can be reset on Linux only";
        }

        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, cancellationToken);
        using var server = await listener.AcceptTcpClientAsync(cancellationToken);
        var port = ((IPEndPoint)client.Client.LocalEndPoint!).Port;
        var own = await FindAsync(Environment.ProcessId, pair => PortOf(pair.Local) == port, cancellationToken);
        return own.Count == 0
            ? $"'{Command}' is not there, or does not show connections"
            : await ResetAsync(own, cancellationToken) ? null : $"'{Command} -K' may not reset connections here (it needs CAP_NET_ADMIN)";
    }

    /// <summary>Resets all of a process but those of its API.</summary>
    /// <param name="process">Its id.</param>
    /// <param name="api">The port of the API.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many.</returns>
    public async Task<int> OfAsync(int process, int api, CancellationToken cancellationToken)
    {
        var all = await FindAsync(process, pair => PortOf(pair.Local) != api, cancellationToken);
        await ResetAsync(all, cancellationToken);
        return all.Count;
    }

    private static int PortOf(string address) => int.Parse(address[(address.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);

    private async Task<bool> ResetAsync(IReadOnlyList<(string Local, string Remote)> pairs, CancellationToken cancellationToken)
    {
        foreach (var (local, remote) in pairs)
        {
            // It fails where the other end of one before was the same connection.
            await SystemCommand.RunAsync(Command, ["-K", "-tn", "src", local, "dst", remote], limits.Command, cancellationToken);
        }

        var left = await FindAsync(null, pairs.Contains, cancellationToken);
        return left.Count == 0;
    }

    // ESTAB 0      0      127.0.0.1:40902 127.0.0.1:34573 users:(("dotnet",pid=16802,fd=4))
    private async Task<IReadOnlyList<(string Local, string Remote)>> FindAsync(
        int? process, Func<(string Local, string Remote), bool> isMeant, CancellationToken cancellationToken)
    {
        var output = await SystemCommand.RunAsync(Command, ["-tnpH", "state", "established"], limits.Command, cancellationToken);
        return
        [
            .. (output ?? "").Split('\n')
                .Where(line => process is null || line.Contains($"pid={process},", StringComparison.Ordinal))
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(words => words.Length >= 4)
                .Select(words => (Local: words[2], Remote: words[3]))
                .Where(isMeant),
        ];
    }
}
