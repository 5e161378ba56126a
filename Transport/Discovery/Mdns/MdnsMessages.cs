using ManagedSwarm.Transport.Discovery.Mdns.Dns;

namespace ManagedSwarm.Transport.Discovery.Mdns;

/// <summary>
/// What is said (<see href="https://github.com/libp2p/specs/blob/master/discovery/mdns.md">libp2p's mdns</see>):
/// <code>
/// question    _p2p-TAG._udp.local            PTR
/// answer      _p2p-TAG._udp.local            PTR INSTANCE._p2p-TAG._udp.local
/// additional  INSTANCE._p2p-TAG._udp.local   TXT dnsaddr=ADDRESS/p2p/PEER          one record for each address
/// </code>
/// </summary>
internal static class MdnsMessages
{
    /// <summary>What fits into a packet of IPv6 on any link, which has 1280 bytes, behind its headers.</summary>
    public const int MaxBytes = 1232;

    public const int Port = 5353;

    private static readonly DnsType[] PointerTypes = [DnsType.Pointer, DnsType.Any];

    public static byte[] Question(MdnsService service) =>
        new DnsMessage { Questions = [new(service.Name, DnsType.Pointer)] }.Write();

    public static bool IsQuestionFor(DnsQuestion question, MdnsService service) =>
        PointerTypes.Contains(question.Type) && question.Name.Equals(service.Name);

    /// <summary>An answer, with as many addresses as it can hold; null: with none.</summary>
    /// <param name="texts">What TXT records tell.</param>
    /// <param name="timeToLive">How long it may be believed.</param>
    /// <param name="query">Whose number and question are said again, as who does not speak multicast DNS wants it (RFC 6762 §6.7).</param>
    public static byte[]? Answer(MdnsService service, IEnumerable<string> texts, TimeSpan timeToLive, DnsMessage? query = null)
    {
        var seconds = (uint)timeToLive.TotalSeconds;
        var records = texts.Select(text => new DnsRecord(service.Instance, DnsType.Text, seconds) { Texts = [text] }).ToList();
        for (; records.Count > 0; records.RemoveAt(records.Count - 1))
        {
            var message = new DnsMessage
            {
                Id = query?.Id ?? 0,
                IsResponse = true,
                Questions = query is null ? [] : [.. query.Questions.Where(question => IsQuestionFor(question, service)).Take(1)],
                Answers = [new(service.Name, DnsType.Pointer, seconds) { Target = service.Instance }],
                Additionals = records,
            }.Write();
            if (message.Length <= MaxBytes)
            {
                return message;
            }
        }

        return null;
    }

    /// <summary>That this node is no longer there (RFC 6762 §10.1).</summary>
    public static byte[] Goodbye(MdnsService service) => new DnsMessage
    {
        IsResponse = true,
        Answers = [new(service.Name, DnsType.Pointer, 0) { Target = service.Instance }],
    }.Write();

    /// <summary>Whether who asks has heard this node's answer, and need not be told again (RFC 6762 §7.1).</summary>
    public static bool IsKnown(DnsMessage query, MdnsService service, TimeSpan timeToLive) => query.Answers.Any(record =>
        record.Target is not null && record.Target.Equals(service.Instance) && record.TimeToLive >= timeToLive.TotalSeconds / 2);

    /// <summary>Whoever answers, by what TXT records tell of it.</summary>
    /// <param name="response">Anything on the link.</param>
    /// <param name="services">The names that count.</param>
    public static IEnumerable<IReadOnlyList<string>> Instances(DnsMessage response, IReadOnlyList<MdnsService> services)
    {
        var records = response.Answers.Concat(response.Additionals).Where(record => record.TimeToLive > 0).ToList();
        return records
            .Where(record => record.Target is not null && services.Any(service => service.Name.Equals(record.Name)
                && record.Target.Parent.Equals(service.Name)
                && !record.Target.Equals(service.Instance)))
            .Select(record => record.Target!)
            .Distinct()
            .Select(instance => records.Where(record => record.Name.Equals(instance)).SelectMany(record => record.Texts).ToList());
    }
}
