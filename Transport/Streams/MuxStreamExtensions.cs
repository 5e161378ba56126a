using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Streams;

/// <summary>Libp2p streams as what .NET knows. The stream belongs to what is returned.</summary>
internal static class MuxStreamExtensions
{
    public static MuxStreamAdapter AsStream(this IMuxStream stream) => new(stream);

    /// <inheritdoc cref="MuxDuplexPipe(IMuxStream, int)"/>
    public static MuxDuplexPipe AsDuplexPipe(this IMuxStream stream, int bufferSize = MuxDuplexPipe.DefaultBufferSize) =>
        new(stream, bufferSize);
}
