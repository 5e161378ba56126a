namespace ManagedSwarm.Transport.Http;

/// <summary>How a server's connections over libp2p streams behave.</summary>
public sealed record Libp2pConnectionOptions
{
    /// <summary>
    /// How long a connection that the server has ended waits for the client to end it, too: a reset at once could overtake the last answer.
    /// </summary>
    public TimeSpan LingerTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Bytes that are read ahead of the server.</summary>
    public int MaxReadAheadBytes { get; init; } = 256 << 10;

    /// <summary>Bytes of a buffer, in each direction; what the server flushes goes in pieces of this size.</summary>
    public int BufferBytes { get; init; } = 16 << 10;

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
