using System.Collections.Concurrent;

namespace ManagedSwarm.Tests.Transport.Libp2p.Interop;

/// <summary>The js peers of a class of tests: one for each way of working, started by the first test that needs it.</summary>
public sealed class JsPeers : IAsyncLifetime
{
    private readonly ConcurrentDictionary<JsPeerOptions, Lazy<Task<JsPeer>>> _peers = new();

    /// <summary>The one that works so; skips the running test where there is no npm.</summary>
    internal Task<JsPeer> GetAsync(JsPeerOptions options) => _peers.GetOrAdd(options, key => new(() => JsPeer.StartAsync(key))).Value;

    public async ValueTask InitializeAsync() => await JsPackages.PrepareAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var peer in _peers.Values.Where(peer => peer.IsValueCreated && peer.Value.IsCompletedSuccessfully))
        {
            await (await peer.Value).DisposeAsync();
        }
    }
}
