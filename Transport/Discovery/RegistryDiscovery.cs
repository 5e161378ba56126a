using System.Net;
using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p;
using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Transport.Discovery;

/// <summary>
/// Nodes of the same user on the same machine, by a folder with a file for each: no packet is sent. The system tells when the folder
/// changes; it is read now and then all the same.
/// </summary>
/// <param name="folder">The registry of all networks, for example <see cref="RegistryFolder.DefaultPath"/>; made where it is not there.</param>
/// <param name="network">The network: a folder in it.</param>
/// <param name="self">Who this node is.</param>
/// <param name="addresses">Where this node listens now.</param>
/// <param name="time">The clock of the pauses.</param>
/// <param name="logger">Hears what does not work.</param>
public sealed class RegistryDiscovery(
    string folder, string network, PeerId self, Func<IReadOnlyList<Multiaddress>> addresses, TimeProvider time, ILogger logger) : IPeerDiscovery
{
    /// <summary>How long at most until a change is seen that the system does not tell.</summary>
    public static readonly TimeSpan Poll = TimeSpan.FromSeconds(2);

    /// <summary>The same where it tells none at all.</summary>
    public static readonly TimeSpan FastPoll = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim _changed = new(0, 1);
    private readonly HashSet<string> _told = [];

    public string Name => DiscoverySource.Registry;

    /// <inheritdoc/>
    /// <remarks>Where the folder cannot be trusted or used, the log says so, and it ends at once.</remarks>
    public async Task RunAsync(Action<DiscoveredPeer> found, CancellationToken cancellationToken)
    {
        string path;
        try
        {
            path = RegistryFolder.Open(folder, network);
        }
        catch (SwarmException exception)
        {
            TransportLog.RegistryUnusable(logger, exception.Code, exception.Message);
            return;
        }

        using var own = new RegistryFile(path);
        using var watcher = Watch(path);
        while (true)
        {
            Announce(own);
            Scan(path, own.Path, found);
            await WaitAsync(watcher is null ? FastPoll : Poll, cancellationToken);
        }
    }

    /// <summary>This node's addresses may have changed: they are written now.</summary>
    public void Refresh()
    {
        try
        {
            _changed.Release();
        }
        catch (Exception exception) when (exception is SemaphoreFullException or ObjectDisposedException)
        {
            // It is about to look anyway, or never will again: the system may still be telling something behind the end.
        }
    }

    public ValueTask DisposeAsync()
    {
        _changed.Dispose();
        return default;
    }

    private FileSystemWatcher? Watch(string path)
    {
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(path, "*" + RegistryFile.Extension) { NotifyFilter = NotifyFilters.FileName };
            watcher.Created += (_, _) => Refresh();
            watcher.Renamed += (_, _) => Refresh();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception exception) when (exception is IOException or PlatformNotSupportedException or UnauthorizedAccessException)
        {
            // The system has a limit of folders that are watched.
            watcher?.Dispose();
            TransportLog.RegistryNotWatched(logger, path, exception.Message);
            return null;
        }
    }

    private async Task WaitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pause = Task.Delay(limit, time, either.Token);
        var change = _changed.WaitAsync(either.Token);
        await Task.WhenAny(pause, change);
        await either.CancelAsync();
        await Task.WhenAll(pause, change).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private void Announce(RegistryFile own)
    {
        // Whoever is on this machine reaches it by its loopback address first.
        Multiaddress[] all = [.. addresses().Select(address => address.WithoutPeerId()).OrderBy(address => IsLoopback(address) ? 0 : 1)];
        try
        {
            own.Write(new(self, [.. all.Take(RegistryEntry.MaxAddresses)]));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Tell(exception.Message, () => TransportLog.RegistryUnusable(logger, "registry_failed", exception.Message));
        }
    }

    private void Scan(string path, string? own, Action<DiscoveredPeer> found)
    {
        foreach (var file in RegistryFile.All(path).Where(file => file != own))
        {
            try
            {
                if (RegistryFile.ReadOrRemove(file) is { } entry)
                {
                    Report(file, entry, found);
                }
            }
            catch (Exception exception) when (exception is SwarmException or IOException or UnauthorizedAccessException)
            {
                TransportLog.RegistryFileUnusable(logger, file, exception.Message);
            }
        }
    }

    private void Report(string file, RegistryEntry entry, Action<DiscoveredPeer> found)
    {
        if (entry.Id == self)
        {
            Tell(file, () => TransportLog.IdentityUsedTwice(logger, self, file));
        }
        else if (entry.Addresses.Count > 0)
        {
            found(new(Name, entry.Id, entry.Addresses));
        }
    }

    /// <summary>Says a thing once.</summary>
    private void Tell(string what, Action say)
    {
        if (_told.Count < RegistryFile.MaxFiles && _told.Add(what))
        {
            say();
        }
    }

    private static bool IsLoopback(Multiaddress address) => address.TcpEndPoint is IPEndPoint endPoint && IPAddress.IsLoopback(endPoint.Address);
}
