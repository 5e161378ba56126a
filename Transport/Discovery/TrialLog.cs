using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Discovery;

/// <summary>What came of each address last: one entry for each, the newest first, not more than so many.</summary>
internal sealed class TrialLog(int capacity)
{
    // The oldest is the first.
    private readonly OrderedDictionary<Multiaddress, AddressTrial> _trials = [];

    public IReadOnlyList<AddressTrial> All => [.. _trials.Values.Reverse()];

    public void Add(AddressTrial trial)
    {
        _trials.Remove(trial.Address);
        if (_trials.Count >= capacity)
        {
            _trials.RemoveAt(0);
        }

        _trials.Add(trial.Address, trial);
    }
}
