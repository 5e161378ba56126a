namespace ManagedSwarm.Transport.Libp2p.Kad;

/// <summary>What a lookup has found.</summary>
/// <param name="Closest">The k closest that live, the closest first.</param>
/// <param name="Providers">Those that were named as providers; those that most have named come first.</param>
/// <param name="Named">The peer whose id was looked for, as others have named it; null: nobody has.</param>
/// <param name="Requests">How many peers were asked.</param>
internal sealed record LookupResult(IReadOnlyList<KadPeer> Closest, IReadOnlyList<KadPeer> Providers, KadPeer? Named, int Requests);
