namespace ManagedSwarm.Transport.Libp2p.Sessions;

/// <summary>What has become of a new connection.</summary>
/// <param name="Group">Its peer's connections, itself included; null: it is refused, there are too many.</param>
/// <param name="IsNew">Whether it is the first one.</param>
/// <param name="Spare">The connection that is not needed any more, this one or another; null: there is none.</param>
internal readonly record struct LinkAddition<TLink>(LinkGroup<TLink>? Group, bool IsNew, TLink? Spare)
    where TLink : class, ILink;
