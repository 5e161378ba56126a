namespace ManagedSwarm.Engine.Planning;

/// <summary>The ways between nodes, each direction for itself. Immutable.</summary>
public sealed class LinkMatrix
{
    private readonly Dictionary<(string From, string To), LinkProfile> _links = [];

    /// <summary>All links as they are assumed.</summary>
    public LinkMatrix()
        : this(LinkProfile.Assumed, [])
    {
    }

    /// <param name="unknown">What holds for links that are not given.</param>
    /// <param name="links">By the nodes' ids; of a link that is given twice, the last.</param>
    /// <exception cref="EngineException"><c>invalid_value</c></exception>
    public LinkMatrix(LinkProfile unknown, IEnumerable<(string From, string To, LinkProfile Link)> links)
    {
        unknown.Validate("the link between other nodes");
        Unknown = unknown;
        foreach (var (from, to, link) in links)
        {
            link.Validate($"the link from '{from}' to '{to}'");
            _links[(from, to)] = link;
        }
    }

    /// <summary>What holds for links that are not given.</summary>
    public LinkProfile Unknown { get; }

    /// <summary>The link from one node to another, by their ids.</summary>
    public LinkProfile this[string from, string to] => _links.TryGetValue((from, to), out var link) ? link : Unknown;
}
