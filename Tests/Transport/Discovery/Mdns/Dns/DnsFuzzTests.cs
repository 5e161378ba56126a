using ManagedSwarm.Transport.Discovery.Mdns.Dns;

namespace ManagedSwarm.Tests.Transport.Discovery.Mdns.Dns;

public sealed class DnsFuzzTests
{
    [Fact]
    public void Damaged_messages_are_read_or_refused()
    {
        var messages = Messages();
        Fuzz.Run(seed: 1, mutation =>
        {
            var read = DnsMessage.Read(mutation.Of(mutation.Pick(messages)));

            // What was read can be said again.
            _ = DnsMessage.Read(read.Write());
            return true;
        });
    }

    private static List<byte[]> Messages()
    {
        var service = DnsName.Parse("_p2p-0123456789abcdef0123456789abcdef._udp.local");
        var instance = DnsName.Parse("abcdefghijklmnopqrstuvwxyz012345._p2p-0123456789abcdef0123456789abcdef._udp.local");
        var texts = Enumerable.Range(1, 3)
            .Select(i => new DnsRecord(instance, DnsType.Text, 120) { Texts = [$"dnsaddr=/ip4/10.0.0.{i}/tcp/4001"] });
        DnsRecord pointer = new(service, DnsType.Pointer, 120) { Target = instance };
        return
        [
            new DnsMessage { Questions = [new(service, DnsType.Pointer, WantsUnicast: true), new(instance, DnsType.Any)] }.Write(),
            new DnsMessage { Questions = [new(service, DnsType.Pointer)], Answers = [pointer] }.Write(),
            new DnsMessage { IsResponse = true, Answers = [pointer], Additionals = [.. texts] }.Write(),
            new DnsMessage { IsResponse = true, Answers = [pointer, .. texts] }.Write(),
        ];
    }
}
