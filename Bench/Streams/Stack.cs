namespace ManagedSwarm.Bench.Streams;

/// <summary>What bytes go through.</summary>
internal enum Stack
{
    /// <summary>A socket, asynchronously.</summary>
    RawTcp,

    /// <summary>A stream of a local peer.</summary>
    NoiseYamux,

    /// <summary>A stream of a local peer in a private network.</summary>
    NoiseYamuxPnet,
}
