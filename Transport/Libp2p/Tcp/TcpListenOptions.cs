namespace ManagedSwarm.Transport.Libp2p.Tcp;

/// <summary>How connections are accepted.</summary>
internal sealed record TcpListenOptions
{
    /// <summary>Connections of one listening address that may be in their handshakes at once. More wait in the system's queue.</summary>
    public int MaxHandshakes { get; init; } = 64;

    /// <summary>Connections that the system keeps for us until they are accepted.</summary>
    public int Backlog { get; init; } = 128;

    /// <summary>How long accepting pauses after it failed.</summary>
    public TimeSpan AcceptRetryDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The clock of <see cref="AcceptRetryDelay"/>.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
