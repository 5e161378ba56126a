using System.Buffers;

namespace ManagedSwarm.Transport.Frames;

/// <summary>The first frame in each direction of a stream: which protocol, which version, what else the sender can do.</summary>
/// <remarks>
/// <code>
/// int      kind = 0
/// array    5 elements; a later minor version may add some, which are passed over
///   string   protocol
///   int      major version
///   int      minor version
///   array    numeric identity: int kernel contract, string device, string KV type, string wire type; or nil
///   array    of strings: capabilities
/// </code>
/// </remarks>
/// <param name="Protocol">The protocol's short name, for example <c>stage</c>.</param>
/// <param name="Major">Equal on both sides.</param>
/// <param name="Minor">May differ; then both keep to the lower one.</param>
/// <param name="Numerics">The sender's, where the protocol computes.</param>
/// <param name="Capabilities">Names of what the sender can do beyond its version; unknown ones are ignored.</param>
internal sealed record Hello(string Protocol, int Major, int Minor, NumericIdentity? Numerics, IReadOnlyList<string> Capabilities)
{
    private const int Elements = 5;
    private const int NumericElements = 4;

    /// <exception cref="SwarmException"><c>frame_too_large</c></exception>
    public void Write(FrameWriter frames)
    {
        var writer = frames.Begin();
        writer.Write((int)FrameKind.Hello);
        writer.WriteArrayHeader(Elements);
        writer.Write(Protocol);
        writer.Write(Major);
        writer.Write(Minor);
        if (Numerics is { } numerics)
        {
            writer.WriteArrayHeader(NumericElements);
            writer.Write(numerics.KernelContract);
            writer.Write(numerics.Device);
            writer.Write(numerics.KvType);
            writer.Write(numerics.WireType);
        }
        else
        {
            writer.WriteNil();
        }

        writer.WriteArrayHeader(Capabilities.Count);
        foreach (var capability in Capabilities)
        {
            writer.Write(capability);
        }

        frames.End(ref writer);
    }

    /// <param name="frame">Without its prefix.</param>
    /// <exception cref="SwarmException"><c>invalid_frame</c>, <c>frame_too_large</c></exception>
    public static Hello Read(in ReadOnlySequence<byte> frame)
    {
        var decoder = new FrameDecoder(frame, FrameLimits.Hello);
        decoder.RequireKind(FrameKind.Hello);
        var elements = decoder.ReadArrayLength("hello");
        if (elements < Elements)
        {
            throw FrameErrors.Invalid($"hello has {elements} elements; expected are at least {Elements}");
        }

        var hello = new Hello(
            decoder.ReadString("protocol"),
            decoder.ReadInt32("major version"),
            decoder.ReadInt32("minor version"),
            ReadNumerics(ref decoder),
            ReadCapabilities(ref decoder));
        for (var i = Elements; i < elements; i++)
        {
            decoder.Skip("a later version's element of hello");
        }

        decoder.RequireEnd();
        return hello;
    }

    /// <exception cref="SwarmException"><c>version_mismatch</c>: the two cannot speak with each other.</exception>
    public void RequireFits(Hello theirs)
    {
        if (theirs.Protocol != Protocol)
        {
            throw new SwarmException(
                "version_mismatch",
                $"the peer speaks the protocol {Quoted(theirs.Protocol)}; expected is {Quoted(Protocol)}");
        }

        if (theirs.Major != Major)
        {
            throw new SwarmException(
                "version_mismatch",
                $"the peer speaks version {theirs.Major}.{theirs.Minor} of the protocol {Quoted(Protocol)}; this side speaks {Major}.{Minor}: allowed is {Major}.x");
        }
    }

    private static NumericIdentity? ReadNumerics(ref FrameDecoder decoder)
    {
        if (decoder.TryReadNil())
        {
            return null;
        }

        decoder.RequireArrayLength("numeric identity", NumericElements);
        return new(
            decoder.ReadInt32("kernel contract"),
            decoder.ReadString("device"),
            decoder.ReadString("KV type"),
            decoder.ReadString("wire type"));
    }

    private static string[] ReadCapabilities(ref FrameDecoder decoder)
    {
        var capabilities = new string[decoder.ReadArrayLength("capabilities")];
        for (var i = 0; i < capabilities.Length; i++)
        {
            capabilities[i] = decoder.ReadString("a capability");
        }

        return capabilities;
    }

    private static string Quoted(string name) => $"\"{name}\"";
}
