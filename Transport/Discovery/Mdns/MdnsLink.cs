using System.Net;
using ManagedSwarm.Transport.Discovery.Mdns.Dns;

namespace ManagedSwarm.Transport.Discovery.Mdns;

/// <summary>
/// mDNS on one link, without sockets and clocks: packets and times in, packets and peers out. Today's name is asked for and announced;
/// who asks for yesterday's or tomorrow's, as its clock differs, is answered by that name. Whoever asks answers, too, so that of many nodes
/// on a link only one need ask. One thread at a time; the same for the same seed.
/// </summary>
/// <remarks>
/// Without the token nobody knows which question to ask. Whoever listens on the link hears it, and the answers with addresses and peer ids.
/// </remarks>
internal sealed class MdnsLink
{
    /// <summary>Of one message.</summary>
    private const int MaxPeersPerMessage = 16;

    private readonly MdnsLinkContext _context;
    private readonly IMdnsOutput _output;
    private readonly Random _random;
    private readonly TokenBucket _unicastBudget = new(burst: 16, perSecond: 4);
    private readonly TokenBucket _foundBudget = new(burst: 128, perSecond: 32);
    private List<MdnsService> _services = [];
    private TimeSpan _questionDue;
    private TimeSpan _interval;

    /// <param name="today">The day, of UTC.</param>
    /// <param name="now">The time since any fixed start, as in all of it.</param>
    public MdnsLink(MdnsLinkContext context, IMdnsOutput output, int seed, DateOnly today, TimeSpan now)
    {
        (_context, _output, _random) = (context, output, new(seed));
        SetDay(today, now);
    }

    /// <summary>When <see cref="Tick"/> has something to do.</summary>
    public TimeSpan NextTick => _services.Min(service => service.AnswerDue) is { } due && due < _questionDue ? due : _questionDue;

    private MdnsTiming Timing => _context.Timing;

    private MdnsService Today => _services[1];

    /// <summary>Changes names where another day has begun, and then looks for the others anew.</summary>
    public void SetDay(DateOnly today, TimeSpan now)
    {
        if (_services.Count > 0 && Today.Day == today)
        {
            return;
        }

        _services = [.. new[] { today.AddDays(-1), today, today.AddDays(1) }.Select(day =>
            _services.Find(service => service.Day == day) ?? new(day, _context.Keys.MdnsTag(day), _context.CreateInstance()))];
        _interval = Timing.FirstInterval;
        _questionDue = now + Delay();
    }

    /// <summary>Takes what came. What is no message, or not meant for the swarm, changes nothing.</summary>
    public void Receive(MdnsPacket packet, TimeSpan now)
    {
        // What is sent to a link's group does not come from elsewhere.
        if (!packet.IsToGroup && !_context.Interface.IsOnLink(packet.From.Address))
        {
            return;
        }

        DnsMessage message;
        try
        {
            message = DnsMessage.Read(packet.Bytes.Span);
        }
        catch (SwarmException)
        {
            return;
        }

        if (message.IsResponse)
        {
            ReceiveResponse(message, packet, now);
        }
        else
        {
            ReceiveQuery(message, packet, now);
        }
    }

    /// <summary>Sends what is due.</summary>
    public void Tick(TimeSpan now)
    {
        if (_questionDue <= now)
        {
            _output.Send(MdnsMessages.Question(Today), null);
            PlanAnswer(Today, now);
            _questionDue = now + Spread(_interval);
            _interval = TimeSpan.FromTicks(Math.Min(_interval.Ticks * 2, Timing.LongestInterval.Ticks));
        }

        foreach (var service in _services.Where(service => service.AnswerDue <= now))
        {
            service.AnswerDue = null;
            if (CreateAnswer(service, Timing.TimeToLive) is { } answer)
            {
                service.AnsweredAt = now;
                _output.Send(answer, null);
            }
        }
    }

    /// <summary>Tells all who may believe otherwise that this node is no longer there.</summary>
    public void Leave()
    {
        foreach (var service in _services.Where(service => service.AnsweredAt is not null))
        {
            _output.Send(MdnsMessages.Goodbye(service), null);
        }
    }

    private void ReceiveResponse(DnsMessage message, MdnsPacket packet, TimeSpan now)
    {
        // Who does not use the port does not speak multicast DNS (RFC 6762 §6).
        if (packet.From.Port != MdnsMessages.Port)
        {
            return;
        }

        foreach (var texts in MdnsMessages.Instances(message, _services).Take(MaxPeersPerMessage))
        {
            var addresses = MdnsAddresses.FromTexts(texts, _context.Interface, IsFromThisMachine(packet.From.Address));
            if (addresses.Count > 0 && addresses[0].PeerId != _context.Self && _foundBudget.TryTake(now))
            {
                _output.Found(new(MdnsDiscovery.DiscoveryName, addresses[0].PeerId, addresses));
            }
        }
    }

    private void ReceiveQuery(DnsMessage message, MdnsPacket packet, TimeSpan now)
    {
        foreach (var service in _services)
        {
            if (message.Questions.FirstOrDefault(question => MdnsMessages.IsQuestionFor(question, service)) is not { } question)
            {
                continue;
            }

            if (packet.From.Port != MdnsMessages.Port)
            {
                AnswerOne(service, packet.From, now, message);
            }
            else if (MdnsMessages.IsKnown(message, service, Timing.TimeToLive))
            {
                continue;
            }
            else if (question.WantsUnicast && now - service.AnsweredAt < Timing.TimeToLive / 4)
            {
                AnswerOne(service, packet.From, now);
            }
            else
            {
                PlanAnswer(service, now);
                PostponeQuestion(service, message, packet, now);
            }
        }
    }

    // Another one, or this node itself, has just asked the same of all (RFC 6762 §7.3).
    private void PostponeQuestion(MdnsService service, DnsMessage query, MdnsPacket packet, TimeSpan now)
    {
        if (service == Today && packet.IsToGroup && query.Answers.Count == 0 && _interval == Timing.LongestInterval)
        {
            var due = now + Spread(_interval);
            _questionDue = due > _questionDue ? due : _questionDue;
        }
    }

    private void PlanAnswer(MdnsService service, TimeSpan now)
    {
        var due = now + Delay();
        service.AnswerDue ??= service.AnsweredAt + Timing.AnswerInterval is { } next && next > due ? next : due;
    }

    private void AnswerOne(MdnsService service, IPEndPoint to, TimeSpan now, DnsMessage? legacyQuery = null)
    {
        // To an address that may not be the one that asked: never off the link, and not often.
        if (_context.Interface.IsOnLink(to.Address)
            && _unicastBudget.TryTake(now)
            && CreateAnswer(service, legacyQuery is null ? Timing.TimeToLive : Timing.LegacyTimeToLive, legacyQuery) is { } answer)
        {
            _output.Send(answer, to);
        }
    }

    private byte[]? CreateAnswer(MdnsService service, TimeSpan timeToLive, DnsMessage? legacyQuery = null)
    {
        var texts = MdnsAddresses.ToTexts(_context.Addresses(), _context.Self, _context.Interface);
        return MdnsMessages.Answer(service, texts, timeToLive, legacyQuery);
    }

    private bool IsFromThisMachine(IPAddress from) => _context.Interface.IsLoopback || _context.Interface.IsOwn(from);

    private TimeSpan Delay() => Timing.ShortestDelay + ((Timing.LongestDelay - Timing.ShortestDelay) * _random.NextDouble());

    private TimeSpan Spread(TimeSpan interval) => interval * (1 + (_random.NextDouble() / 4));
}
