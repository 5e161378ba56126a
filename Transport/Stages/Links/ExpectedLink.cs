using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Stages.Links;

/// <summary>A stream of steps that somebody is to open.</summary>
/// <param name="Target">What it is for.</param>
/// <param name="From">Who may open it.</param>
/// <param name="Attach">Takes the link, which is the taker's then; or says why not.</param>
internal sealed record ExpectedLink(Attachment Target, PeerId From, Func<StageLink, StageFault?> Attach);
