using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Identify;

namespace ManagedSwarm.Tests.Transport.Libp2p.Identify;

public sealed class IdentifyMessageTests
{
    private static readonly IdentifyMessage Message = new()
    {
        PublicKey = new byte[] { 8, 1, 18, 0 },
        Addresses = [Multiaddress.Parse("/ip4/192.0.2.1/tcp/4001"), Multiaddress.Parse("/dns4/example.org/tcp/1")],
        Protocols = ["/ipfs/ping/1.0.0", "/a"],
        ObservedAddress = Multiaddress.Parse("/ip4/192.0.2.9/tcp/9"),
        ProtocolVersion = "p/1",
        AgentVersion = "managedswarm/0.1.0",
    };

    [Fact]
    public void Reads_what_it_writes()
    {
        var read = IdentifyMessage.Parse(Message.ToBytes());

        Assert.Equal(Message.PublicKey!.Value.ToArray(), read.PublicKey!.Value.ToArray());
        Assert.Equal(Message.Addresses, read.Addresses);
        Assert.Equal(Message.Protocols, read.Protocols);
        Assert.Equal(Message.ObservedAddress, read.ObservedAddress);
        Assert.Equal((Message.ProtocolVersion, Message.AgentVersion), (read.ProtocolVersion, read.AgentVersion));
    }

    /// <summary>By the specification's field numbers: <c>agentVersion</c> is 6, <c>protocols</c> 3.</summary>
    [Fact]
    public void Writes_the_bytes_of_the_specification() => Assert.Equal(
        [0x1A, 2, (byte)'/', (byte)'a', 0x32, 1, (byte)'x'], new IdentifyMessage { Protocols = ["/a"], AgentVersion = "x" }.ToBytes());

    [Fact]
    public void Leaves_out_addresses_and_fields_that_it_does_not_know()
    {
        var read = IdentifyMessage.Parse([0x12, 2, 0xFF, 0x7F, 0x42, 1, 0, 0x98, 0x3F, 1, 0x32, 1, (byte)'x']);

        Assert.Empty(read.Addresses);
        Assert.Equal("x", read.AgentVersion);
    }

    [Fact]
    public void A_later_message_adds_to_lists_and_replaces_the_rest()
    {
        var merged = Message.Merge(new() { Protocols = ["/b"], AgentVersion = "y" });

        Assert.Equal([.. Message.Protocols, "/b"], merged.Protocols);
        Assert.Equal(("p/1", "y"), (merged.ProtocolVersion, merged.AgentVersion));
    }

    [Fact]
    public void Keeps_only_so_many_addresses_and_protocols()
    {
        var read = IdentifyMessage.Parse(new IdentifyMessage
        {
            Addresses = [.. Enumerable.Range(1, 500).Select(port => Multiaddress.Parse($"/ip4/192.0.2.1/tcp/{port}"))],
            Protocols = [.. Enumerable.Range(1, 2000).Select(i => $"/{i}")],
            AgentVersion = new string('x', 10_000),
        }.ToBytes());

        Assert.Equal((64, 512, 128), (read.Addresses.Count, read.Protocols.Count, read.AgentVersion!.Length));
    }

    [Fact]
    public void Damaged_messages_are_read_or_refused()
    {
        var whole = Message.ToBytes();
        Fuzz.Run(7, mutation =>
        {
            IdentifyMessage.Parse(mutation.Of(whole));
            return true;
        });
    }
}
