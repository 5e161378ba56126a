using System.Net;
using System.Security.Cryptography;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Identify;
using ManagedSwarm.Transport.Libp2p.Sessions;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Transport.Diagnostics.Doctor;

/// <summary>
/// Answers the doctors of others: this node's version, clock and connections, where it sees the asker, and whether it can dial the asker
/// back. It dials only addresses whose IP address the asker connects from, so that nobody is made to knock at a third one's door, and each
/// of those once in a while.
/// </summary>
public sealed class DoctorService : IAsyncDisposable
{
    private readonly ILocalPeer _peer;
    private readonly SwarmToken _token;
    private readonly DoctorServiceOptions _options;
    private readonly IStreamListener _listener;
    private readonly Lock _gate = new();
    private readonly DialBackQuota _quota;
    private readonly long _start;
    private readonly byte[] _instance = RandomNumberGenerator.GetBytes(DoctorAnswer.InstanceBytes);
    private readonly RunningTasks _tasks = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    /// <summary>Answers from now on.</summary>
    /// <param name="peer">This node. Stays the caller's, and is to be disposed later than this.</param>
    /// <param name="token">The swarm's.</param>
    /// <param name="options">How it answers; null: the defaults.</param>
    /// <exception cref="SwarmException"><c>protocol_taken</c></exception>
    public DoctorService(ILocalPeer peer, SwarmToken token, DoctorServiceOptions? options = null)
    {
        (_peer, _token, _options) = (peer, token, options ?? new());
        (_quota, _start) = (new(_options.DialPause), _options.Time.GetTimestamp());
        _listener = peer.Listen(DoctorProtocol.Id(new SwarmKeys(token)));
        _accepting = AcceptAsync();
    }

    /// <summary>Stops answering and waits for what is under way.</summary>
    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        await _stop.CancelAsync();
        await _accepting;
        await _tasks.WhenEmptyAsync();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (await _listener.AcceptAsync() is { } stream)
        {
            if (_tasks.Count < _options.Streams)
            {
                _tasks.Add(ServeAsync(stream));
            }
            else
            {
                await stream.DisposeAsync();
            }
        }
    }

    private async Task ServeAsync(IMuxStream stream)
    {
        await using var owned = stream;
        try
        {
            for (var i = 0; i < DoctorProtocol.MaxQuestions && await ReadAsync(stream) is { } bytes; i++)
            {
                var answer = await AnswerAsync(stream.RemotePeer, DoctorQuestion.Parse(bytes));
                using var limit = new TimeLimit(_options.IdleTimeout, _options.Time, _stop.Token);
                await DelimitedMessage.WriteAsync(stream, answer.ToBytes(), limit.Token);
            }

            using var last = new TimeLimit(_options.IdleTimeout, _options.Time, _stop.Token);
            await stream.CloseWriteAsync(last.Token);
        }
        catch (Exception exception) when (exception is SwarmException or OperationCanceledException)
        {
            var code = (exception as SwarmException)?.Code ?? "timeout";
            TransportLog.StreamFailed(_options.Logger, stream.RemotePeer, stream.ProtocolId, code, exception.Message);
        }
        catch (Exception exception)
        {
            TransportLog.StreamBroken(_options.Logger, exception, stream.RemotePeer, stream.ProtocolId);
        }
    }

    private async Task<byte[]?> ReadAsync(IMuxStream stream)
    {
        using var limit = new TimeLimit(_options.IdleTimeout, _options.Time, _stop.Token);
        return await DelimitedMessage.ReadAsync(stream, DoctorProtocol.MaxBytes, limit.Token);
    }

    private async Task<DoctorAnswer> AnswerAsync(PeerId asker, DoctorQuestion question)
    {
        var observed = _peer.Sessions.FirstOrDefault(session => session.RemotePeer == asker)?.RemoteAddress;
        var answer = new DoctorAnswer
        {
            AgentVersion = IdentifyProtocol.AgentVersion,
            Connections = _peer.Sessions.Count,
            ConnectionLimit = _options.Limits.Connections,
            Observed = observed,
            Instance = _instance,
        };
        if (question.Dial.Count > 0 && (observed?.TcpEndPoint as IPEndPoint)?.Address is { } ip)
        {
            answer = await DialBackAsync(answer, question.Dial, ip);
        }

        // As late as possible: whoever compares clocks halves the time between question and answer.
        return answer with { Clock = _options.Time.GetUtcNow() };
    }

    private async Task<DoctorAnswer> DialBackAsync(DoctorAnswer answer, IReadOnlyList<Multiaddress> addresses, IPAddress asker)
    {
        lock (_gate)
        {
            if (!_quota.TryTake(asker, _options.Time.GetElapsedTime(_start)))
            {
                return answer with { Refusal = $"{asker} has been dialed back just now; once in {_options.DialPause.TotalSeconds} s is allowed" };
            }
        }

        var own = addresses.Where(address => address.TcpPort > 0 && address.TcpEndPoint is IPEndPoint endPoint && endPoint.Address.Equals(asker));
        return answer with { Dialed = await Task.WhenAll(own.Distinct().Take(DoctorProtocol.MaxDials).Select(DialAsync)) };
    }

    // By somebody new: this node itself has a session with the asker already.
    private async Task<DialBackResult> DialAsync(Multiaddress address)
    {
        using var identity = Identity.Generate();
        await using var dialer = new LocalPeer(identity, ProbeOptions.For(_token, _options.DialTimeout, _options.Time));
        try
        {
            await dialer.DialAsync(address, _stop.Token);
            return new(address, null, null);
        }
        catch (SwarmException exception)
        {
            return new(address, exception.Code, exception.Message);
        }
    }
}
