using System.Buffers;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Wire;

namespace ManagedSwarm.Transport.Diagnostics.Doctor;

/// <summary>
/// What one node asks another: protobuf, <c>1 major, 2 minor, 3 agentVersion, 4 dial*</c>. Without an address to dial it is answered at once,
/// so that clocks can be compared.
/// </summary>
internal sealed record DoctorQuestion
{
    public int Major { get; init; } = DoctorProtocol.Major;

    public int Minor { get; init; } = DoctorProtocol.Minor;

    /// <summary>For example <c>managedswarm/0.1.0</c>.</summary>
    public string AgentVersion { get; init; } = "";

    /// <summary>Where the asker wants to be dialed, each with the peer that ought to be there at its end.</summary>
    public IReadOnlyList<Multiaddress> Dial { get; init; } = [];

    /// <exception cref="SwarmException"><c>invalid_message</c></exception>
    public static DoctorQuestion Parse(ReadOnlySpan<byte> bytes)
    {
        var question = new DoctorQuestion { Major = 0 };
        List<Multiaddress> dial = [];
        var reader = new ProtobufReader(bytes, "doctor's question");
        while (reader.MoveNext())
        {
            switch (reader.Field)
            {
                case 1:
                    question = question with { Major = DoctorText.Number(reader.UInt64()) };
                    break;
                case 2:
                    question = question with { Minor = DoctorText.Number(reader.UInt64()) };
                    break;
                case 3:
                    question = question with { AgentVersion = DoctorText.Clean(reader.Text()) };
                    break;
                case 4 when dial.Count < DoctorProtocol.MaxDials && Multiaddress.TryFromBytes(reader.Bytes(), out var address):
                    dial.Add(address);
                    break;
                default:
                    break;
            }
        }

        return question with { Dial = dial };
    }

    public byte[] ToBytes()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new ProtobufWriter(output);
        writer.WriteNumber(1, (ulong)Major);
        writer.WriteNumber(2, (ulong)Minor);
        writer.WriteText(3, AgentVersion);
        foreach (var address in Dial)
        {
            writer.WriteBytes(4, address.Bytes.Span);
        }

        return output.WrittenSpan.ToArray();
    }
}
