using System.Text;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Discovery.Mdns.Dns;

namespace ManagedSwarm.Tests.Transport.Discovery.Mdns.Dns;

public sealed class DnsMessageTests
{
    private static readonly DnsName Service = DnsName.Parse("_p2p._udp.local");
    private static readonly DnsName Instance = DnsName.Parse("abc._p2p._udp.local");

    [Fact]
    public void Writes_a_question_as_others_do() => Assert.Equal(
        "0000 0000 0001 0000 0000 0000 04 5f703270 04 5f756470 05 6c6f63616c 00 000c 0001".Replace(" ", "", StringComparison.Ordinal),
        Convert.ToHexStringLower(new DnsMessage { Questions = [new(Service, DnsType.Pointer)] }.Write()));

    [Fact]
    public void Writes_the_end_of_a_name_once()
    {
        var written = new DnsMessage
        {
            IsResponse = true,
            Answers = [new(Service, DnsType.Pointer, 120) { Target = Instance }],
            Additionals = [new(Instance, DnsType.Text, 120) { Texts = ["a=b"] }],
        }.Write();

        Assert.Equal(
            ("0000 8400 0000 0001 0000 0001 04 5f703270 04 5f756470 05 6c6f63616c 00 000c 0001 00000078 0006 03 616263 c00c"
                + " c027 0010 0001 00000078 0004 03 613d62").Replace(" ", "", StringComparison.Ordinal),
            Convert.ToHexStringLower(written));
    }

    [Fact]
    public void Reads_what_it_writes()
    {
        var message = new DnsMessage
        {
            Id = 7,
            IsResponse = true,
            Questions = [new(Service, DnsType.Any, WantsUnicast: true), new(Instance, DnsType.Text)],
            Answers =
            [
                new(Service, DnsType.Pointer, 120) { Target = Instance },
                new(Instance, DnsType.Pointer, 0) { Target = Instance.Parent },
            ],
            Additionals = [new(Instance, DnsType.Text, uint.MaxValue) { Texts = ["", "a=b", new('x', 255)] }],
        };

        var read = DnsMessage.Read(message.Write());

        Assert.Equal((message.Id, message.IsResponse), (read.Id, read.IsResponse));
        Assert.Equal(message.Questions, read.Questions);
        Assert.Equal(message.Answers.Select(Describe), read.Answers.Select(Describe));
        Assert.Equal(message.Additionals.Select(Describe), read.Additionals.Select(Describe));
    }

    [Fact]
    public void Compares_names_without_case()
    {
        Assert.Equal(DnsName.Parse("_P2P._Udp.LOCAL"), Service);
        Assert.Equal("_p2p._udp.local", DnsName.Parse("_P2P._Udp.LOCAL").ToString());
        Assert.NotEqual(Service, Instance);
        Assert.Equal(Service, Instance.Parent);
    }

    [Fact]
    public void Passes_over_records_of_other_types_and_classes_and_all_authorities()
    {
        // SRV, AAAA with the top bit of the class, PTR of class 3; PTR as authority; A.
        var read = DnsMessage.Read(Bytes(
            "0000 8400 0000 0003 0001 0001"
            + " 0161 00 0021 0001 00000001 0008 0000 0000 1234 0161"
            + " c00c 001c 8001 00000002 0010 fe80 0000 0000 0000 0000 0000 0000 0001"
            + " c00c 000c 0003 00000003 0002 c00c"
            + " c00c 000c 0001 00000004 0002 c00c"
            + " c00c 0001 0001 00000005 0004 01020304"));

        Assert.Equal([(33, 1u), (28, 2u)], read.Answers.Select(record => ((int)record.Type, record.TimeToLive)));
        Assert.Equal([(1, 5u)], read.Additionals.Select(record => ((int)record.Type, record.TimeToLive)));
    }

    [Theory]
    [InlineData("0000 0000 0001 0000 0000 0000 c00c 000c 0001", "not before it")]
    [InlineData("0000 0000 0001 0000 0000 0000 0161 c00c 000c 0001", "not before it")]
    [InlineData("0000 0000 0001 0000 0000 0000 c0ff 000c 0001", "not before it")]
    [InlineData("0000 0000 0001 0000 0000 0000 40 00 000c 0001", "label of 64 bytes")]
    [InlineData("0000 0000 0001 0000 0000 0000 80 00 000c 0001", "label of 128 bytes")]
    [InlineData("0000 0000 0001 0000 0000 0000 05 6161", "ends within a name")]
    [InlineData("0000 0000 0001 0000 0000 0000 c0", "ends within a name")]
    [InlineData("0000 0000 0001 0000 0000 0000 00 000c 00", "1 are left")]
    [InlineData("0000 0000 0001", "0 are left")]
    [InlineData("0000 2000 0000 0000 0000 0000", "flags are 2000")]
    [InlineData("0000 8003 0000 0000 0000 0000", "flags are 8003")]
    [InlineData("0000 0000 0081 0000 0000 0000", "has 129 questions and records")]
    [InlineData("0000 0000 0020 0020 0020 0021", "has 129 questions and records")]
    [InlineData("0000 8400 0000 0001 0000 0000 00 000c 0001 00000000 ffff 00", "65535 more bytes expected")]
    [InlineData("0000 8400 0000 0001 0000 0000 00 000c 0001 00000000 0002 0000", "a record's name has 1 bytes, expected 2")]
    [InlineData("0000 8400 0000 0001 0000 0000 00 000c 0001 00000000 0001 0161 00", "a record's name has 3 bytes, expected 1")]
    [InlineData("0000 8400 0000 0001 0000 0000 00 0010 0001 00000000 0002 0261", "a text has 2 bytes, 1 are left")]
    public void Refuses_what_is_wrong(string bytes, string reason)
    {
        var exception = Assert.Throws<SwarmException>(() => DnsMessage.Read(Bytes(bytes)));
        Assert.Equal("invalid_dns_message", exception.Code);
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reads_names_of_255_bytes_and_refuses_longer_ones()
    {
        // Three labels of 63, one of 61, and the root: 3 * 64 + 62 + 1 = 255.
        var longest = string.Join('.', Enumerable.Repeat(new string('a', 63), 3).Append(new('b', 61)));
        Assert.Equal(longest, DnsMessage.Read(Question(longest)).Questions[0].Name.ToString());

        var bytes = Question(longest).ToList();
        bytes[12 + (3 * 64)]++;
        bytes.Insert(12 + (3 * 64) + 1, (byte)'b');
        Assert.Contains("255 in all", Assert.Throws<SwarmException>(() => DnsMessage.Read([.. bytes])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_names_that_grow_too_long_by_their_pointers()
    {
        // Each question's name is a label and the name before.
        var message = new StringBuilder("0000 0000 0008 0000 0000 0000 3f" + Repeat("61", 63) + "00 000c 0001");
        for (var (i, at) = (1, 12); i < 8; i++)
        {
            message.Append("3f" + Repeat("61", 63) + (0xC000 + at).ToString("x4", null) + "000c 0001");
            at += 64 + (i == 1 ? 1 : 2) + 4;
        }

        var exception = Assert.Throws<SwarmException>(() => DnsMessage.Read(Bytes(message.ToString())));
        Assert.Contains("255 in all", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_messages_that_are_too_long()
    {
        var bytes = new byte[DnsReader.MaxBytes + 1];
        Assert.Empty(DnsMessage.Read(bytes.AsSpan(1)).Questions);
        Assert.Throws<SwarmException>(() => DnsMessage.Read(bytes));
    }

    internal static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    private static byte[] Question(string name) => new DnsMessage { Questions = [new(DnsName.Parse(name), DnsType.Pointer)] }.Write();

    private static string Describe(DnsRecord record) =>
        $"{record.Name} {record.Type} {record.TimeToLive} {record.Target} {string.Join('|', record.Texts)}";
}
