namespace ManagedSwarm.Transport.Libp2p;

/// <summary>Whoever has streams that others open: the local peer.</summary>
public interface IStreamListenerSource
{
    /// <summary>Takes the streams of a protocol from now on; before, and after the listener is disposed, they are refused.</summary>
    /// <param name="protocolId">For example <c>/managedswarm/0123456789abcdef/http/1.0.0</c>.</param>
    /// <exception cref="SwarmException"><c>protocol_taken</c>: somebody listens already.</exception>
    IStreamListener Listen(string protocolId);
}
