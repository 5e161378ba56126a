using System.Buffers;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Wire;

namespace ManagedSwarm.Transport.Diagnostics.Doctor;

/// <summary>
/// What a node answers: protobuf,
/// <code>
/// 1 major, 2 minor, 3 agentVersion, 4 milliseconds since 1970 (UTC), 5 connections, 6 connectionLimit, 7 observedAddress,
/// 8 dialed* { 1 address, 2 code, 3 reason }, 9 instance, 10 refusal
/// </code>
/// </summary>
internal sealed record DoctorAnswer
{
    /// <summary>Bytes of <see cref="Instance"/>.</summary>
    public const int InstanceBytes = 8;

    public int Major { get; init; } = DoctorProtocol.Major;

    public int Minor { get; init; } = DoctorProtocol.Minor;

    public string AgentVersion { get; init; } = "";

    /// <summary>The answering node's wall clock; null: it does not say.</summary>
    public DateTimeOffset? Clock { get; init; }

    /// <summary>Connections that count.</summary>
    public int Connections { get; init; }

    /// <summary>How many there may be; 0: it does not say.</summary>
    public int ConnectionLimit { get; init; }

    /// <summary>Where it sees the asker.</summary>
    public Multiaddress? Observed { get; init; }

    public IReadOnlyList<DialBackResult> Dialed { get; init; } = [];

    /// <summary>Random bytes of this process: two nodes of one identity differ in it.</summary>
    public ReadOnlyMemory<byte> Instance { get; init; }

    /// <summary>Why it has not dialed: it has done so just now. Null: it has, or nobody asked for it.</summary>
    public string? Refusal { get; init; }

    /// <exception cref="SwarmException"><c>invalid_message</c></exception>
    public static DoctorAnswer Parse(ReadOnlySpan<byte> bytes)
    {
        var answer = new DoctorAnswer { Major = 0 };
        List<DialBackResult> dialed = [];
        var reader = new ProtobufReader(bytes, "doctor's answer");
        while (reader.MoveNext())
        {
            if (reader.Field == 8 && dialed.Count < DoctorProtocol.MaxDials)
            {
                dialed.AddRange(ParseDialed(reader.Bytes()));
            }
            else
            {
                answer = answer.With(ref reader);
            }
        }

        return answer with { Dialed = dialed };
    }

    public byte[] ToBytes()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new ProtobufWriter(output);
        writer.WriteNumber(1, (ulong)Major);
        writer.WriteNumber(2, (ulong)Minor);
        writer.WriteText(3, AgentVersion);
        if (Clock is { } clock && clock >= DateTimeOffset.UnixEpoch)
        {
            writer.WriteNumber(4, (ulong)clock.ToUnixTimeMilliseconds());
        }

        writer.WriteNumber(5, (ulong)Connections);
        writer.WriteNumber(6, (ulong)ConnectionLimit);
        if (Observed is not null)
        {
            writer.WriteBytes(7, Observed.Bytes.Span);
        }

        foreach (var result in Dialed)
        {
            writer.WriteBytes(8, ToBytes(result));
        }

        writer.WriteBytes(9, Instance.Span);
        if (Refusal is not null)
        {
            writer.WriteText(10, Refusal);
        }

        return output.WrittenSpan.ToArray();
    }

    private DoctorAnswer With(ref ProtobufReader reader) => reader.Field switch
    {
        1 => this with { Major = DoctorText.Number(reader.UInt64()) },
        2 => this with { Minor = DoctorText.Number(reader.UInt64()) },
        3 => this with { AgentVersion = DoctorText.Clean(reader.Text()) },
        4 => this with { Clock = ClockOf(reader.UInt64()) },
        5 => this with { Connections = DoctorText.Number(reader.UInt64()) },
        6 => this with { ConnectionLimit = DoctorText.Number(reader.UInt64()) },
        7 => Multiaddress.TryFromBytes(reader.Bytes(), out var observed) ? this with { Observed = observed } : this,
        9 when reader.Bytes().Length <= InstanceBytes => this with { Instance = reader.Bytes().ToArray() },
        10 => this with { Refusal = DoctorText.Clean(reader.Text()) },
        _ => this,
    };

    private static DateTimeOffset? ClockOf(ulong milliseconds) =>
        milliseconds <= (ulong)DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds)
            : throw new SwarmException("invalid_message", $"doctor's answer: its clock says {milliseconds} ms, which is no date");

    private static byte[] ToBytes(DialBackResult result)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new ProtobufWriter(output);
        writer.WriteBytes(1, result.Address.Bytes.Span);
        if (result.Code is not null)
        {
            writer.WriteText(2, result.Code);
            writer.WriteText(3, DoctorText.Clean(result.Reason ?? ""));
        }

        return output.WrittenSpan.ToArray();
    }

    private static IEnumerable<DialBackResult> ParseDialed(ReadOnlySpan<byte> bytes)
    {
        var (address, code, reason) = (default(Multiaddress), default(string), default(string));
        var reader = new ProtobufReader(bytes, "doctor's dial");
        while (reader.MoveNext())
        {
            switch (reader.Field)
            {
                case 1:
                    Multiaddress.TryFromBytes(reader.Bytes(), out address);
                    break;
                case 2:
                    code = DoctorText.Clean(reader.Text());
                    break;
                case 3:
                    reason = DoctorText.Clean(reader.Text());
                    break;
                default:
                    break;
            }
        }

        return address is null ? [] : [new(address, code, reason)];
    }
}
