namespace ManagedSwarm.Gguf;

/// <summary>The file of a <see cref="ModelIdentityCache"/>.</summary>
/// <param name="Version">Of its form.</param>
/// <param name="Models">The one that was added last is the last.</param>
internal sealed record CachedIdentities(int Version, IReadOnlyList<CachedIdentity> Models);
