using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Discovery;

/// <summary>The addresses that are kept: each once for each peer that is said to be there, and not more than so many.</summary>
internal sealed class CandidateTable(DialOptions options)
{
    private readonly Dictionary<(Multiaddress Address, PeerId? Peer), DialCandidate> _all = [];

    public IReadOnlyCollection<DialCandidate> All => _all.Values;

    public IEnumerable<DialCandidate> Of(PeerId peer) => _all.Values.Where(candidate => candidate.Peer == peer);

    /// <summary>Adds an address, unless it is there.</summary>
    /// <returns>Null: there is no place for it.</returns>
    public DialCandidate? Add(Multiaddress address, PeerId? peer, string source, TimeSpan now)
    {
        if (Find(address, peer) is { } known)
        {
            return known;
        }

        var others = _all.Values.Where(other => other.Peer == peer && (peer is not null || other.Source == source)).ToList();
        if ((others.Count >= options.AddressesPerPeer && !RemoveWorst(others)) || (_all.Count >= options.Addresses && !RemoveWorst(_all.Values)))
        {
            return null;
        }

        return _all[(address, peer)] = new(address, peer, source) { Due = now };
    }

    /// <summary>It is known now who is at an address that nobody had said it of.</summary>
    public void Learn(DialCandidate candidate, PeerId peer)
    {
        _all.Remove((candidate.Address, candidate.Peer));
        candidate.Peer = peer;
        candidate.IsRequested |= _all.GetValueOrDefault((candidate.Address, peer)) is { IsRequested: true };
        _all[(candidate.Address, peer)] = candidate;
    }

    // An address without a peer, of which it is known meanwhile who is there, or which is under way, is not kept twice.
    private DialCandidate? Find(Multiaddress address, PeerId? peer) => peer is not null
        ? _all.GetValueOrDefault((address, peer))
        : _all.GetValueOrDefault((address, null)) ?? _all.Values.FirstOrDefault(candidate => candidate.Address == address);

    /// <summary>Removes the one that has failed most.</summary>
    /// <returns>False: none of them may go.</returns>
    private bool RemoveWorst(IEnumerable<DialCandidate> candidates)
    {
        var worst = candidates
            .Where(candidate => candidate is { Failures: > 0, Attempt: null, IsRequested: false } && candidate.Source != DiscoverySource.Bootstrap)
            .MaxBy(candidate => candidate.Failures);
        return worst is not null && _all.Remove((worst.Address, worst.Peer));
    }
}
