using System.Buffers.Binary;
using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p.Wire;

namespace ManagedSwarm.Transport.Libp2p.Kad;

/// <summary>
/// Looks after the routing table: a lookup of this node's own place as soon as there is somebody to ask, and again at each interval,
/// together with one of any place in each full bucket; and asks those that were not heard of for long whether they live. A node that knows
/// nobody is silent.
/// </summary>
/// <param name="directory">Has the routing table.</param>
/// <param name="waitForPeers">Ends when there is somebody to ask.</param>
/// <param name="lookUp">Looks for a key.</param>
/// <param name="probe">Asks one peer. Throws nothing but on cancellation.</param>
/// <param name="options">How often.</param>
internal sealed class BucketRefresh(
    KadDirectory directory,
    Func<CancellationToken, Task> waitForPeers,
    Func<KadMessageType, ReadOnlyMemory<byte>, CancellationToken, Task<LookupResult>> lookUp,
    Func<KadPeer, CancellationToken, Task> probe,
    KadOptions options)
{
    // A key that lies in a bucket is found by trying: twice as often for each further one. Closer ones are filled by the own place's lookup.
    private const int MaxBuckets = 12;

    private readonly Random _random = new(options.Seed);
    private readonly KadId _place = KadId.Of(directory.Self);

    /// <summary>Runs until it is cancelled. Throws nothing.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await waitForPeers(cancellationToken);
                await RefreshAsync(cancellationToken);
                await Task.Delay(options.RefreshInterval, options.Time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The DHT is disposed.
        }
        catch (Exception exception)
        {
            TransportLog.KadRefreshFailed(options.Logger, exception);
        }
    }

    /// <summary>A key whose place has so many first bits in common with a given one, and no more.</summary>
    internal static byte[] CreateKey(KadId place, int bits, Random random)
    {
        Span<byte> digest = stackalloc byte[32];
        random.NextBytes(digest);
        for (ulong i = 0; ; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(digest, i);
            var key = Multihash.Wrap(Multihash.Sha256, digest);
            if (KadId.Of(key).CommonBits(place) == bits)
            {
                return key;
            }
        }
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await lookUp(KadMessageType.FindNode, directory.Self.Bytes, cancellationToken);
        for (var bits = 0; bits < Math.Min(directory.RefreshableBuckets, MaxBuckets); bits++)
        {
            await lookUp(KadMessageType.FindNode, CreateKey(_place, bits, _random), cancellationToken);
        }

        await Task.WhenAll(directory.UnseenFor(options.RefreshInterval).Select(peer => probe(peer, cancellationToken)));
    }
}
