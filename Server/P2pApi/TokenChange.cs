using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Server.P2pApi;

/// <summary>What a posted <c>p2p_token</c> asks for.</summary>
/// <param name="IsOn">Whether the node is a member.</param>
/// <param name="IsNew">Whether of another swarm.</param>
/// <param name="Token">Of which; null: of a new one.</param>
internal sealed record TokenChange(bool IsOn, bool IsNew, SwarmToken? Token);
