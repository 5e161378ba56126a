namespace ManagedSwarm.Transport.Libp2p.Yamux;

/// <summary>Is told of frames as they come: the beginning, then the payload in as many parts as it comes in, then the end.</summary>
internal interface IFrameHandler
{
    void BeginFrame(in FrameHeader header);

    /// <param name="part">Of the frame that began last; valid during the call.</param>
    void Payload(ReadOnlySpan<byte> part);

    void EndFrame();
}
