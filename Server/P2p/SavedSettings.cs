using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Server.P2p;

/// <summary>What a user has changed while a node ran, and what therefore holds at the next start, too. Null: nothing was changed.</summary>
/// <param name="IsOn">Whether it joins.</param>
/// <param name="Token">Of which swarm.</param>
/// <param name="NetworkId">Of which part of it.</param>
internal sealed record SavedSettings(bool? IsOn = null, SwarmToken? Token = null, string? NetworkId = null);
