using System.Net;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Identify;
using ManagedSwarm.Transport.Libp2p.Sessions;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Transport.Diagnostics.Doctor;

/// <summary>Asks a peer all that a doctor wants to know.</summary>
/// <param name="keys">The network's.</param>
/// <param name="own">Where this machine's node listens, or who asks.</param>
/// <param name="self">Who is to answer there.</param>
/// <param name="options">How long answers may take.</param>
internal sealed class PeerInterview(SwarmKeys keys, IReadOnlyList<Multiaddress> own, PeerId self, SwarmDoctorOptions options)
{
    public async Task<PeerReport> AskAsync(ISession session, CancellationToken cancellationToken)
    {
        var report = await IdentifyAsync(session, cancellationToken);
        try
        {
            await using var stream = await session.OpenStreamAsync(DoctorProtocol.Id(keys), cancellationToken);
            report = await CompareClocksAsync(stream, report, cancellationToken);
            if (report.OtherDoctor is null && DialBack(report.Observed) is { Count: > 0 } addresses)
            {
                var question = new DoctorQuestion { AgentVersion = IdentifyProtocol.AgentVersion, Dial = addresses };
                var answer = await AskAsync(stream, question, options.DialBackTimeout, cancellationToken);
                report = report with { DialBack = answer.Dialed };
            }

            await stream.CloseWriteAsync(cancellationToken);
            return report;
        }
        catch (SwarmException)
        {
            // What it has said so far is what is known of it.
            return report;
        }
    }

    private async Task<PeerReport> IdentifyAsync(ISession session, CancellationToken cancellationToken)
    {
        try
        {
            var info = await session.IdentifyAsync(cancellationToken);
            var id = DoctorProtocol.Id(keys);
            var others = info.Protocols.Where(protocol => DoctorProtocol.IsAnyVersion(protocol, keys) && protocol != id).ToList();
            return new()
            {
                AgentVersion = info.AgentVersion is { } agent ? DoctorText.Clean(agent) : null,
                ProtocolVersion = info.ProtocolVersion is { } version ? DoctorText.Clean(version) : null,
                OtherDoctor = !info.Protocols.Contains(id) && others.Count > 0 ? DoctorText.Clean(others[0][(others[0].LastIndexOf('/') + 1)..]) : null,
                Observed = info.ObservedAddress,
            };
        }
        catch (SwarmException)
        {
            return new();
        }
    }

    private async Task<PeerReport> CompareClocksAsync(IMuxStream stream, PeerReport report, CancellationToken cancellationToken)
    {
        var (start, sent) = (options.Time.GetTimestamp(), options.Time.GetUtcNow());
        var answer = await AskAsync(stream, new() { AgentVersion = IdentifyProtocol.AgentVersion }, options.StepTimeout, cancellationToken);
        var roundTrip = options.Time.GetElapsedTime(start);
        return report with
        {
            AgentVersion = answer.AgentVersion.Length > 0 ? answer.AgentVersion : report.AgentVersion,
            AnswersDoctor = answer.Major == DoctorProtocol.Major,
            OtherDoctor = answer.Major == DoctorProtocol.Major ? null : $"{answer.Major}.{answer.Minor}",
            Skew = answer.Clock - (sent + (roundTrip / 2)),
            RoundTrip = roundTrip,
            Connections = answer.Connections,
            ConnectionLimit = answer.ConnectionLimit,
            Observed = answer.Observed ?? report.Observed,
            Instance = answer.Instance.IsEmpty ? null : Convert.ToHexStringLower(answer.Instance.Span),
        };
    }

    private async Task<DoctorAnswer> AskAsync(IMuxStream stream, DoctorQuestion question, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(timeout, options.Time, cancellationToken);
        try
        {
            await DelimitedMessage.WriteAsync(stream, question.ToBytes(), limit.Token);
            var bytes = await DelimitedMessage.ReadAsync(stream, DoctorProtocol.MaxBytes, limit.Token);
            return DoctorAnswer.Parse(bytes ?? throw new SwarmException("stream_closed", $"{stream.RemotePeer} closed the stream instead of answering."));
        }
        catch (OperationCanceledException) when (limit.IsOver)
        {
            throw new SwarmException("doctor_timeout", $"{stream.RemotePeer} has not answered within {timeout.TotalSeconds} s.");
        }
    }

    /// <summary>This side's ports, at the IP address where the peer sees this side: another one it does not dial.</summary>
    private List<Multiaddress> DialBack(Multiaddress? observed) => observed?.TcpEndPoint is IPEndPoint seen
        ?
        [
            .. own.Select(address => address.TcpPort)
                .OfType<int>()
                .Where(port => port > 0)
                .Distinct()
                .Take(DoctorProtocol.MaxDials)
                .Select(port => Multiaddress.FromEndPoint(new IPEndPoint(seen.Address, port)).WithPeerId(self)),
        ]
        : [];
}
