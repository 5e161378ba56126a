using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Server.Federation;

/// <summary>A model that instances have.</summary>
/// <param name="Id">Its id in the API.</param>
/// <param name="Since">When this router heard of it.</param>
/// <param name="Nodes">Who has it.</param>
internal sealed record RoutedModel(string Id, DateTimeOffset Since, IReadOnlyList<RoutedNode> Nodes);

internal sealed record RoutedNode(PeerId Id, string Name);

/// <summary>An instance as <c>/metrics</c> shows it.</summary>
/// <param name="InFlight">Requests of this router that it has.</param>
/// <param name="Queued">Requests that wait there, as it has said.</param>
/// <param name="IsOpen">Whether it gets nothing because it has failed.</param>
internal sealed record PeerFigures(PeerId Id, string Name, int InFlight, int Queued, bool IsOpen);
