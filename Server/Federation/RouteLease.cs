using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.Federation;

/// <summary>A request's place at an instance, from when it is sent until its reply is over.</summary>
/// <param name="peers">Whose.</param>
/// <param name="peer">Where.</param>
/// <param name="model">The model that is asked there.</param>
/// <param name="isLast">Whether nobody else could have the request.</param>
/// <param name="time">The clock.</param>
internal sealed class RouteLease(PeerTable peers, RoutedPeer peer, ModelFacts model, bool isLast, TimeProvider time) : IDisposable
{
    private readonly long _begun = time.GetTimestamp();
    private bool _isOver;

    public PeerId Id { get; } = peer.Id;

    public string Name { get; } = peer.Member.Facts.Name;

    /// <inheritdoc cref="RoutedPeer.Address"/>
    public Uri Address { get; } = peer.Address;

    public bool IsSelf { get; } = peer.Member.IsSelf;

    public ModelFacts Model { get; } = model;

    /// <summary>Whether nobody else could have the request, were it to fail here.</summary>
    public bool IsLast { get; } = isLast;

    /// <summary>What became of it so far.</summary>
    public RouteOutcome Outcome { get; private set; }

    /// <summary>How long it took until the answer began; null: it has not.</summary>
    public TimeSpan? Latency { get; private set; }

    /// <summary>The instance answers with a status.</summary>
    public void Answered(int status)
    {
        Outcome = PeerStatus.OutcomeOf(status);
        Latency = Outcome == RouteOutcome.Failed ? Latency : Latency ?? time.GetElapsedTime(_begun);
    }

    /// <summary>The instance ended its answer with an error.</summary>
    public void Failed() => Outcome = RouteOutcome.Failed;

    /// <summary>The instance does not answer, or broke off.</summary>
    public void Lost() => Outcome = RouteOutcome.Lost;

    public void Dispose()
    {
        if (!_isOver)
        {
            _isOver = true;
            peers.End(peer, Outcome);
        }
    }
}
