using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;
using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Transport.Discovery;

/// <summary>
/// Members' addresses in a file, so that a restarted node is back at once. A damaged file is as good as none: one line in the log. Safe
/// for use by many threads.
/// </summary>
public sealed class PeerCache
{
    private readonly Lock _gate = new();
    private readonly Lock _file = new();
    private readonly string _path;
    private readonly PeerCacheFormat _format;
    private readonly ILogger _logger;
    private readonly List<CachedPeer> _peers;
    private bool _isChanged;

    /// <summary>Reads the file, if there is one.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="keys">The network's.</param>
    /// <param name="logger">Hears when the file cannot be read or written.</param>
    public PeerCache(string path, SwarmKeys keys, ILogger logger)
    {
        (_path, _format, _logger) = (path, new PeerCacheFormat(keys.LedgerKey), logger);
        _peers = [.. Read()];
    }

    /// <summary>Those who are remembered, the one that was seen last first.</summary>
    public IReadOnlyList<CachedPeer> Peers
    {
        get
        {
            lock (_gate)
            {
                return [.. _peers];
            }
        }
    }

    /// <summary>There is a session with a peer: it comes first now.</summary>
    /// <param name="peer">Which.</param>
    /// <param name="addresses">Where it can be reached, the most promising one first; those that cannot be dialed are left out.</param>
    public void Remember(PeerId peer, params IReadOnlyList<Multiaddress> addresses)
    {
        lock (_gate)
        {
            var known = _peers.Find(cached => cached.Id == peer);
            Multiaddress[] all =
            [
                .. addresses.Where(address => address.TcpEndPoint is not null && address.TcpPort != 0 && (address.PeerId ?? peer) == peer)
                    .Select(address => address.WithoutPeerId())
                    .Concat(known?.Addresses ?? [])
                    .Distinct()
                    .Take(PeerCacheFormat.MaxAddresses),
            ];
            if (all.Length == 0 || (known is not null && _peers[0] == known && known.Addresses.SequenceEqual(all)))
            {
                return;
            }

            _peers.RemoveAll(cached => cached.Id == peer);
            _peers.Insert(0, new(peer, all));
            _peers.RemoveRange(Math.Min(_peers.Count, PeerCacheFormat.MaxPeers), Math.Max(0, _peers.Count - PeerCacheFormat.MaxPeers));
            _isChanged = true;
        }
    }

    /// <summary>A peer has left for good.</summary>
    public void Forget(PeerId peer)
    {
        lock (_gate)
        {
            _isChanged |= _peers.RemoveAll(cached => cached.Id == peer) > 0;
        }
    }

    /// <summary>Writes the file, if there is anything new. Throws nothing: a cache may be lost.</summary>
    public void Save()
    {
        lock (_file)
        {
            CachedPeer[] peers;
            lock (_gate)
            {
                if (!_isChanged)
                {
                    return;
                }

                (peers, _isChanged) = ([.. _peers], false);
            }

            try
            {
                AtomicFile.Write(_path, _format.Write(peers));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
            {
                TransportLog.PeerCacheNotWritten(_logger, _path, exception.Message);
            }
        }
    }

    private IReadOnlyList<CachedPeer> Read()
    {
        try
        {
            using var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            var bytes = new byte[(int)Math.Min(file.Length, PeerCacheFormat.MaxBytes + 1)];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length <= PeerCacheFormat.MaxBytes
                ? _format.Read(bytes.AsSpan(0, length))
                : throw new SwarmException("invalid_peer_cache", $"it has more than {PeerCacheFormat.MaxBytes} bytes");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception exception) when (exception is SwarmException or IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            TransportLog.PeerCacheUnusable(_logger, _path, exception.Message);
            return [];
        }
    }
}
