using ManagedSwarm.Server.P2pApi;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.Pages.Swarm.State;

/// <summary>What models are called, and how many layers they have, by their hashes: as far as the swarm's members say so.</summary>
internal sealed class ModelNames
{
    private const int HashChars = 8;

    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _layers = new(StringComparer.Ordinal);

    public ModelNames(SwarmBody swarm)
    {
        foreach (var model in swarm.Members.SelectMany(member => member.Models).Where(model => model.Hash.Length > 0))
        {
            _names.TryAdd(model.Hash, ShownText.Fit(model.Id));
        }

        foreach (var layers in swarm.Members.SelectMany(member => member.Layers))
        {
            _layers[layers.ModelHash] = Math.Max(_layers.GetValueOrDefault(layers.ModelHash), layers.End);
        }
    }

    public string NameOf(string hash) => _names.TryGetValue(hash, out var name) ? name : $"model {hash[..Math.Min(HashChars, hash.Length)]}";

    /// <summary>Layers that are there at least.</summary>
    public int LayersOf(string hash) => _layers.GetValueOrDefault(hash);
}
