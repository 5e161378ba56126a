using ManagedSwarm.Transport.Discovery.Mdns;
using ManagedSwarm.Transport.Discovery.Mdns.Dns;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Tests.Transport.Discovery.Mdns;

public sealed class MdnsLinkTests
{
    private static readonly DnsName Service = DnsName.Parse($"_p2p-{TestMdns.Keys.MdnsTag(TestMdns.Day)}._udp.local");
    private static readonly DnsMessage Question = new() { Questions = [new(Service, DnsType.Pointer)] };
    private static readonly TimeSpan LongestDelay = TestLink.Timing.LongestDelay;

    [Fact]
    public void Asks_for_todays_name_alone_and_says_nothing_of_itself()
    {
        var node = new TestLink(1);

        Assert.InRange(node.Link.NextTick, TestLink.Timing.ShortestDelay, LongestDelay);
        node.Link.Tick(node.Link.NextTick);

        var (message, to) = Assert.Single(node.TakeSent());
        Assert.Null(to);
        Assert.False(message.IsResponse);
        Assert.Equal(Question.Questions, message.Questions);
        Assert.Empty(message.Answers);
        Assert.Empty(message.Additionals);
    }

    [Fact]
    public void Asks_less_and_less_often()
    {
        var (node, asked) = (new TestLink(1), new List<TimeSpan>());
        while (asked.Count < 12)
        {
            var now = node.Link.NextTick;
            node.Link.Tick(now);
            asked.AddRange(node.TakeSent().Where(sent => !sent.Message.IsResponse).Select(_ => now));
        }

        int[] seconds = [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60];
        Assert.All(asked.Zip(asked.Skip(1), (one, next) => next - one).Zip(seconds), each =>
            Assert.InRange(each.First.TotalSeconds, each.Second, each.Second * 1.25));
    }

    [Fact]
    public void Answers_as_the_specification_says()
    {
        var node = StartedLink();

        node.Hear(Question, Seconds(10));
        Assert.Empty(node.TakeSent());
        Assert.InRange(node.NextTick, Seconds(10) + TestLink.Timing.ShortestDelay, Seconds(10) + LongestDelay);
        node.Link.Tick(node.Link.NextTick);

        var (message, to) = Assert.Single(node.TakeSent());
        Assert.Null(to);
        Assert.True(message.IsResponse);
        Assert.Empty(message.Questions);
        var pointer = Assert.Single(message.Answers);
        Assert.Equal((Service, DnsType.Pointer, 120u), (pointer.Name, pointer.Type, pointer.TimeToLive));
        Assert.Equal(Service, pointer.Target!.Parent);
        Assert.DoesNotContain(TestMdns.Peer(1).ToString(), pointer.Target.ToString(), StringComparison.OrdinalIgnoreCase);
        var text = Assert.Single(message.Additionals);
        Assert.Equal((pointer.Target, DnsType.Text, 120u), (text.Name, text.Type, text.TimeToLive));
        Assert.Equal([$"dnsaddr=/ip4/10.0.0.1/tcp/4001/p2p/{TestMdns.Peer(1)}"], text.Texts);
    }

    [Fact]
    public void Answers_all_once_a_second_at_most()
    {
        var node = StartedLink();
        for (var i = 0; i < 1000; i++)
        {
            var now = Seconds(10) + TimeSpan.FromMilliseconds(i * 5);
            node.Hear(Question, now);
            node.RunUntil(now);
        }

        Assert.InRange(node.TakeSent().Count(sent => sent.Message.IsResponse), 4, 6);
    }

    [Theory]
    [InlineData(255, true)]
    [InlineData(12, true)]
    [InlineData(16, false)]
    public void Answers_questions_for_pointers_only(int type, bool isAnswered)
    {
        var node = StartedLink();
        node.Hear(new() { Questions = [new(Service, (DnsType)type)] }, Seconds(10));
        node.RunUntil(Seconds(11));
        Assert.Equal(isAnswered, node.TakeSent().Exists(sent => sent.Message.IsResponse));
    }

    [Fact]
    public void Does_not_answer_who_knows_the_answer()
    {
        var node = StartedLink();
        node.Hear(Question, Seconds(10));
        node.RunUntil(Seconds(11));
        var pointer = node.TakeSent()[0].Message.Answers[0];

        node.Hear(Question with { Answers = [pointer with { TimeToLive = 60 }] }, Seconds(20));
        node.RunUntil(Seconds(21));
        Assert.Empty(node.TakeSent());

        node.Hear(Question with { Answers = [pointer with { TimeToLive = 59 }] }, Seconds(30));
        node.RunUntil(Seconds(31));
        Assert.Single(node.TakeSent());
    }

    [Fact]
    public void Answers_programs_that_do_not_speak_multicast_dns_alone_and_as_they_expect()
    {
        var node = StartedLink();

        node.Hear(Question with { Id = 77 }, Seconds(10), "10.0.0.7", port: 40000);

        var (message, to) = Assert.Single(node.TakeSent());
        Assert.Equal("10.0.0.7:40000", to!.ToString());
        Assert.Equal(77, message.Id);
        Assert.Equal(Question.Questions, message.Questions);
        Assert.All(message.Answers.Concat(message.Additionals), record => Assert.Equal(10u, record.TimeToLive));
    }

    [Fact]
    public void Answers_one_alone_where_it_wants_that_and_all_have_heard_lately()
    {
        var node = StartedLink();
        var question = new DnsMessage { Questions = [new(Service, DnsType.Pointer, WantsUnicast: true)] };
        node.Hear(Question, Seconds(10));
        node.RunUntil(Seconds(11));
        node.TakeSent();

        node.Hear(question, Seconds(30), "10.0.0.7");
        Assert.Equal("10.0.0.7:5353", Assert.Single(node.TakeSent()).To!.ToString());

        node.Hear(question, Seconds(50), "10.0.0.7");
        Assert.Empty(node.TakeSent());
        node.RunUntil(Seconds(51));
        Assert.Null(Assert.Single(node.TakeSent()).To);
    }

    [Fact]
    public void Sends_nothing_off_the_link_and_little_to_one()
    {
        var node = StartedLink();
        node.Hear(Question, Seconds(10), "203.0.113.7", port: 40000);
        Assert.Empty(node.TakeSent());

        for (var i = 0; i < 1000; i++)
        {
            node.Hear(Question, Seconds(10), "10.0.0.7", port: 40000);
        }

        Assert.InRange(node.TakeSent().Count, 1, 20);
    }

    [Fact]
    public void Says_nothing_where_it_has_no_address()
    {
        var node = StartedLink();
        node.Addresses = [Multiaddress.Parse("/ip4/127.0.0.1/tcp/4001")];
        node.Hear(Question, Seconds(10));
        node.Hear(Question, Seconds(10), "10.0.0.7", port: 40000);
        node.RunUntil(Seconds(11));
        Assert.Empty(node.TakeSent());
    }

    [Fact]
    public void Keeps_messages_within_a_packet()
    {
        var node = StartedLink();
        var relay = TestMdns.Peer(9);
        node.Addresses = [.. Enumerable.Range(1, 50).Select(host => TestMdns.Address(host).WithPeerId(relay))];
        node.Hear(Question, Seconds(10));
        node.RunUntil(Seconds(11));

        var message = Assert.Single(node.Sent).Message;
        Assert.InRange(message.Length, 800, MdnsMessages.MaxBytes);
        Assert.Equal(MdnsAddresses.MaxCount, DnsMessage.Read(message).Additionals.Count);
    }

    [Fact]
    public void Is_another_instance_each_day()
    {
        var node = StartedLink();
        node.Hear(Question, Seconds(10));
        node.RunUntil(Seconds(11));
        var first = node.TakeSent()[0].Message.Answers[0].Target!;

        node.Link.SetDay(TestMdns.Day.AddDays(1), node.Epoch + Seconds(20));
        node.RunUntil(Seconds(20.5));

        var sent = node.TakeSent();
        Assert.Equal(2, sent.Count);
        Assert.NotEqual(Service, sent[0].Message.Questions[0].Name);
        Assert.NotEqual(first.ToString().Split('.')[0], sent[1].Message.Answers[0].Target!.ToString().Split('.')[0]);
    }

    [Fact]
    public void Says_goodbye_for_the_names_that_it_was_known_by()
    {
        var node = StartedLink();
        node.Hear(Question, Seconds(10));
        node.RunUntil(Seconds(11));
        var known = node.TakeSent()[0].Message.Answers[0].Target!;

        node.Link.Leave();

        var (message, to) = Assert.Single(node.TakeSent());
        Assert.Null(to);
        Assert.Equal((known, 0u), (message.Answers[0].Target, message.Answers[0].TimeToLive));
        Assert.Empty(message.Additionals);
    }

    [Fact]
    public void Leaves_without_a_word_where_nobody_has_heard_of_it()
    {
        var node = new TestLink(1);
        node.Link.Leave();
        Assert.Empty(node.TakeSent());
    }

    // At second 0 it has just asked, will not for another minute, and nobody has heard its answer.
    private static TestLink StartedLink()
    {
        var node = new TestLink(1) { Addresses = [] };
        for (var questions = 0; questions < 10; questions += node.TakeSent().Count)
        {
            node.Link.Tick(node.Link.NextTick);
            node.Epoch = node.Link.NextTick;
        }

        node.RunUntil(TimeSpan.Zero);
        node.Addresses = [TestMdns.Address(1)];
        return node;
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
