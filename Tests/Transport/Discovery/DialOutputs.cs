using ManagedSwarm.Transport.Discovery;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Tests.Transport.Discovery;

/// <summary>Writes down what a planner wants.</summary>
internal sealed class DialOutputs : IDialOutput
{
    public List<DialAttempt> Dials { get; } = [];

    public List<DialAttempt> GivenUp { get; } = [];

    public List<(PeerId Peer, string? Code)> Ended { get; } = [];

    public void Dial(DialAttempt attempt) => Dials.Add(attempt);

    public void GiveUp(DialAttempt attempt) => GivenUp.Add(attempt);

    public void RequestEnded(PeerId peer, string? code) => Ended.Add((peer, code));
}
