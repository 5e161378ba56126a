using System.Buffers;
using System.Text;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;
using MessagePack;

namespace ManagedSwarm.Tests.Transport.Membership;

/// <summary>Records made by hand, so that they can be wrong.</summary>
internal static class RecordBytes
{
    public delegate void Write(ref MessagePackWriter writer);

    public static IReadOnlyList<string> Codes { get; } = ["invalid_record", "forged_record", "record_too_large"];

    /// <summary>A payload with somebody's signature over it.</summary>
    public static byte[] Signed(Identity signer, string network, byte[] payload)
    {
        byte[] signed = [.. "managedswarm/1/node-record"u8, (byte)network.Length, .. Encoding.UTF8.GetBytes(network), .. payload];
        return RecordEnvelope.Write(payload, signer.Sign(signed));
    }

    /// <summary>A payload in which one value is another.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="name">Which: one of those in the code.</param>
    /// <param name="write">Writes it.</param>
    public static byte[] PayloadWith(PeerId owner, string name, Write write)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(output);
        Put(ref writer, "record", (ref writer) => writer.WriteArrayHeader(5));
        Put(ref writer, "owner", (ref writer) => writer.Write(owner.Bytes.Span));
        Put(ref writer, "sequence", (ref writer) => writer.Write(1));
        Put(ref writer, "time to live", (ref writer) => writer.Write(60_000));
        Put(ref writer, "flags", (ref writer) => writer.Write(0));
        Put(ref writer, "facts", (ref writer) => writer.WriteArrayHeader(12));
        Put(ref writer, "name", (ref writer) => writer.Write("name"));
        Put(ref writer, "version", (ref writer) => writer.Write("0.1.0"));
        Put(ref writer, "roles", (ref writer) => writer.WriteArrayHeader(0));
        Put(ref writer, "device", (ref writer) => writer.Write("cpu"));
        Put(ref writer, "cores", (ref writer) => writer.Write(1));
        Put(ref writer, "total memory", (ref writer) => writer.Write(1));
        Put(ref writer, "free memory", (ref writer) => writer.Write(1));
        Put(ref writer, "models", (ref writer) => writer.WriteArrayHeader(0));
        Put(ref writer, "layers", (ref writer) => writer.WriteArrayHeader(0));
        Put(ref writer, "load", WriteLoad);
        Put(ref writer, "addresses", (ref writer) => writer.WriteArrayHeader(0));
        Put(ref writer, "memory bandwidth", (ref writer) => writer.Write(1));
        Put(ref writer, "later facts", (ref _) => { });
        Put(ref writer, "later values", (ref _) => { });
        writer.Flush();
        return output.WrittenSpan.ToArray();

        void Put(ref MessagePackWriter writer, string put, Write usual) => (put == name ? write : usual)(ref writer);
    }

    private static void WriteLoad(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(2);
        writer.Write(0);
        writer.Write(0);
    }
}
