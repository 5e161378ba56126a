using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Server.Drills;

/// <summary>Where the nodes of one swarm live: a folder with a home for each, which is gone in the end, and a token of their own.</summary>
internal sealed class DrillPlace : IDisposable
{
    private readonly DrillHost _host;
    private readonly string _folder;
    private readonly string _runtime;
    private readonly string _token = SwarmToken.Generate().Reveal();

    public DrillPlace(DrillHost host)
    {
        _host = host;
        _folder = Directory.CreateDirectory(Path.Combine(host.Folder, Path.GetRandomFileName())).FullName;
        _runtime = Path.Combine(_folder, "runtime");
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(_runtime);
        }
        else
        {
            // Where others could write, nodes look for nobody.
            Directory.CreateDirectory(_runtime, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>What keeps a node to this machine's loopback.</summary>
    public static IReadOnlyList<string> Local => ["--mdns", "off", "--p2p-listen", "/ip4/127.0.0.1/tcp/0", "--address", "127.0.0.1:0"];

    /// <summary>Starts a node.</summary>
    /// <param name="name">Its home's, and what it is called.</param>
    /// <param name="arguments">As typed behind the program's name, without <see cref="Local"/> and the node's name.</param>
    public DrillNode Start(string name, IEnumerable<string> arguments)
    {
        var home = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        return DrillNode.Start(name, DrillProgram.Start(home, _runtime, _token, [.. arguments, .. Local, "--node-name", name]), _host);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
