namespace ManagedSwarm.Transport.Token;

/// <summary>An optional field of a token, which programs may not know.</summary>
/// <param name="Tag">What it is, 0 to 127; see <see cref="SwarmTokenTag"/>.</param>
/// <param name="IsCritical">Whether a program that does not know it must not use the token.</param>
/// <param name="Value">Its bytes.</param>
public sealed record SwarmTokenField(int Tag, bool IsCritical, ReadOnlyMemory<byte> Value);
