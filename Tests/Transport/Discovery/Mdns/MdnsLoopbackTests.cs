using System.Net.Sockets;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Discovery.Mdns;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Tests.Transport.Discovery.Mdns;

/// <summary>Real sockets, whose traffic stays on loopback.</summary>
[Trait("Tier", "Loopback")]
public sealed class MdnsLoopbackTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Two_nodes_find_each_other()
    {
        SkipWithoutMulticast();
        var token = SwarmToken.Generate();
        await using var first = new RunningMdns(token, 1);
        await using var second = new RunningMdns(token, 2);

        var found = await second.FindAsync(first.Id, Timeout);

        Assert.Equal([first.Address], found.Addresses);
        Assert.Equal([second.Address], (await first.FindAsync(second.Id, Timeout)).Addresses);
    }

    [Fact]
    public async Task Nodes_of_other_swarms_do_not_see_each_other()
    {
        SkipWithoutMulticast();
        var (token, other) = (SwarmToken.Generate(), SwarmToken.Generate());
        await using var ours = new RunningMdns(token, 1);
        await using var stranger = new RunningMdns(other, 2);
        await using var friend = new RunningMdns(token, 3);
        await using var strangersFriend = new RunningMdns(other, 4);

        // By then all have been heard by all.
        await ours.FindAsync(friend.Id, Timeout);
        await friend.FindAsync(ours.Id, Timeout);
        await stranger.FindAsync(strangersFriend.Id, Timeout);
        await strangersFriend.FindAsync(stranger.Id, Timeout);

        Assert.Equal([friend.Id], ours.FoundIds);
        Assert.Equal([ours.Id], friend.FoundIds);
        Assert.Equal([strangersFriend.Id], stranger.FoundIds);
    }

    [Fact]
    public async Task Says_which_interface_messages_came_by_and_whom_they_were_sent_to()
    {
        using var one = Open();
        using var other = Open();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Timeout);
        await one.SendAsync("to all"u8.ToArray(), null, TestContext.Current.CancellationToken);

        foreach (var socket in new[] { one, other })
        {
            MdnsPacket packet;
            do
            {
                packet = await socket.ReceiveAsync(limit.Token);
            }
            while (!packet.Bytes.Span.SequenceEqual("to all"u8));

            Assert.True(packet.IsToGroup);
            Assert.Equal(MdnsMessages.Port, packet.From.Port);
        }
    }

    internal static MdnsInterface Loopback() => new MdnsNetwork().Look().FirstOrDefault(link => link.IsLoopback)
        ?? throw new InvalidOperationException("there is no loopback interface");

    private static void SkipWithoutMulticast() => Open().Dispose();

    private static IMdnsSocket Open()
    {
        var network = new MdnsNetwork();
        var link = network.Look().FirstOrDefault(link => link.IsLoopback);
        Assert.SkipWhen(link is null, "needs a loopback interface");
        try
        {
            return network.Open(link, AddressFamily.InterNetwork);
        }
        catch (SwarmException exception)
        {
            Assert.Skip($"needs multicast on loopback: {exception.Message}");
            throw;
        }
    }
}
