using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace ManagedSwarm.Tests.Fixtures;

/// <summary>
/// Machines that are network namespaces of Linux, each with loopback and <c>eth0</c> (10.77.0.1/24 and on, fd77::1/64 and on), joined by a
/// bridge in a namespace of its own: nothing that they send leaves them. They are deleted when this is disposed; what still runs in them
/// then goes on without a network.
/// </summary>
internal sealed class NetworkNamespaces : IAsyncDisposable
{
    /// <summary>What each machine calls its network interface.</summary>
    public const string Interface = "eth0";

    private const string Bridge = "br0";
    private const string SecondBridge = "br1";

    private const string Mark = "mst";

    // Of this run of the tests, so that others' are never touched.
    private readonly string _prefix = $"{Mark}-{Environment.ProcessId}-{Guid.NewGuid().ToString("n", CultureInfo.InvariantCulture)[..6]}";
    private readonly List<string> _names = [];

    private NetworkNamespaces()
    {
    }

    private string Hub => _names[0];

    /// <summary>Makes them; skips the running test where the machine does not let it.</summary>
    public static async Task<NetworkNamespaces> CreateAsync(int count)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs network namespaces, which Linux has");
        var namespaces = new NetworkNamespaces();
        try
        {
            await DeleteOrphansAsync();
            await namespaces.AddAllAsync(count);
            return namespaces;
        }
        catch (Exception exception)
        {
            await namespaces.DisposeAsync();
            Assert.SkipWhen(exception is IpError or Win32Exception, $"needs root, and iproute2 with 'ip netns': {exception.Message}");
            throw;
        }
    }

    /// <summary>The IPv4 address of a machine, from 0.</summary>
    public static IPAddress Address(int machine) => new([10, 77, 0, (byte)(machine + 1)]);

    /// <summary>What starts a program on a machine: put before its path and parameters.</summary>
    public string[] Launcher(int machine) => ["ip", "netns", "exec", Name(machine)];

    /// <summary>Parts machines from the others, as if cables between two switches were cut.</summary>
    public Task PartAsync(params int[] machines) => PlugAsync(machines, SecondBridge);

    /// <summary>Undoes <see cref="PartAsync"/>.</summary>
    public Task HealAsync(params int[] machines) => PlugAsync(machines, Bridge);

    /// <summary>Plugs a machine's cable, or pulls it.</summary>
    public Task SetUpAsync(int machine, bool isUp) => RunAsync("-n", Hub, "link", "set", Port(machine), isUp ? "up" : "down");

    /// <summary>Leaves a machine with IPv6 alone.</summary>
    public Task RemoveIPv4Async(int machine) => RunAsync("-n", Name(machine), "-4", "addr", "flush", "dev", Interface);

    /// <summary>Deletes them, even where one could not be made.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var name in Enumerable.Reverse(_names))
        {
            await RunAsync("netns", "del", name);
        }

        _names.Clear();
    }

    // Those of runs that were killed.
    private static async Task DeleteOrphansAsync()
    {
        foreach (var line in (await RunAsync("netns", "list")).Split('\n'))
        {
            if (line.Split(' ')[0] is var name && name.Split('-') is [Mark, var process, ..] && !Directory.Exists($"/proc/{process}"))
            {
                await RunAsync("netns", "del", name);
            }
        }
    }

    private static string Port(int machine) => $"port{machine}";

    private string Name(int machine) => _names[machine + 1];

    private async Task AddAllAsync(int count)
    {
        await AddAsync("hub");
        foreach (var bridge in new[] { Bridge, SecondBridge })
        {
            await RunAsync("-n", Hub, "link", "add", bridge, "type", "bridge", "mcast_snooping", "0");
            await RunAsync("-n", Hub, "link", "set", bridge, "up");
        }

        for (var machine = 0; machine < count; machine++)
        {
            await AddAsync(machine.ToString(CultureInfo.InvariantCulture));
            var (name, host) = (Name(machine), machine + 1);
            await RunAsync("-n", Hub, "link", "add", Port(machine), "type", "veth", "peer", "name", Interface, "netns", name);
            await RunAsync("-n", name, "addr", "add", $"10.77.0.{host}/24", "dev", Interface);
            await RunAsync("-n", name, "addr", "add", $"fd77::{host:x}/64", "dev", Interface, "nodad");
            await RunAsync("-n", name, "link", "set", "lo", "up");
            await RunAsync("-n", name, "link", "set", Interface, "up");

            // For programs that leave it to the system by which interface they multicast.
            await RunAsync("-n", name, "route", "add", "224.0.0.0/4", "dev", Interface);
        }

        await PlugAsync([.. Enumerable.Range(0, count)], Bridge);
    }

    private async Task AddAsync(string suffix)
    {
        var name = $"{_prefix}-{suffix}";
        await RunAsync("netns", "add", name);
        _names.Add(name);
    }

    private async Task PlugAsync(int[] machines, string bridge)
    {
        foreach (var machine in machines)
        {
            await RunAsync("-n", Hub, "link", "set", Port(machine), "master", bridge, "up");
        }
    }

    private static async Task<string> RunAsync(params string[] parameters)
    {
        var start = new ProcessStartInfo("ip", parameters) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var ip = Process.Start(start)!;
        var output = ip.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = ip.StandardError.ReadToEndAsync(CancellationToken.None);
        await ip.WaitForExitAsync(CancellationToken.None);
        return ip.ExitCode == 0
            ? await output
            : throw new IpError($"ip {string.Join(' ', parameters)}: {(await errors).Trim()} {(await output).Trim()}");
    }

    private sealed class IpError(string message) : Exception(message);
}
