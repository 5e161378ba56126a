using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Kad;

namespace ManagedSwarm.Tests.Transport.Libp2p.Kad;

public sealed class KadMessageCodecTests
{
    private static readonly Multiaddress Address = Multiaddress.Parse("/ip4/192.0.2.1/tcp/4001");
    private static readonly PeerId Id = PeerId.FromPublicKeyMessage([8, 1, 18, 1, 7]);

    private static readonly KadMessage Message = new()
    {
        Type = KadMessageType.GetProviders,
        Key = new byte[] { 0x12, 2, 3, 4 },
        CloserPeers = [new(Id, [Address, Multiaddress.Parse("/dns4/example.org/tcp/1")], KadConnection.CanConnect)],
        ProviderPeers = [new(PeerId.FromPublicKeyMessage([1, 2, 3]), []), new(Id, [Address])],
    };

    [Fact]
    public void Reads_what_it_writes()
    {
        var read = KadMessageCodec.Read(KadMessageCodec.Write(Message));

        Assert.Equal(Message.Type, read.Type);
        Assert.Equal(Message.Key.ToArray(), read.Key.ToArray());
        AssertSame(Message.CloserPeers, read.CloserPeers);
        AssertSame(Message.ProviderPeers, read.ProviderPeers);
    }

    /// <summary>By the specification's field numbers: type 1, key 2, closerPeers 8, providerPeers 9; id 1, addrs 2, connection 3.</summary>
    [Fact]
    public void Writes_the_bytes_of_the_specification() => Assert.Equal(
        [
            0x08, 4, 0x12, 1, 9,
            0x42, 21, 0x0A, 7, 0x00, 5, 8, 1, 18, 1, 7, 0x12, 8, 4, 192, 0, 2, 1, 6, 0x0F, 0xA1, 0x18, 1,
            0x4A, 9, 0x0A, 7, 0x00, 5, 8, 1, 18, 1, 7,
        ],
        KadMessageCodec.Write(new()
        {
            Type = KadMessageType.FindNode,
            Key = new byte[] { 9 },
            CloserPeers = [new(Id, [Address], KadConnection.Connected)],
            ProviderPeers = [new(Id, [])],
        }));

    [Fact]
    public void An_address_is_written_without_the_peer_that_has_it()
    {
        var read = KadMessageCodec.Read(KadMessageCodec.Write(Message with { CloserPeers = [new(Id, [Address.WithPeerId(Id)])] }));

        Assert.Equal([Address], read.CloserPeers[0].Addresses);
    }

    /// <summary>The first of the types is that of a message that names none.</summary>
    [Fact]
    public void A_message_without_a_type_asks_to_put_a_value() =>
        Assert.Equal(KadMessageType.PutValue, KadMessageCodec.Read([0x12, 1, 9]).Type);

    [Fact]
    public void Leaves_out_peers_addresses_and_fields_that_it_does_not_know()
    {
        byte[] bytes =
        [
            0x08, 4, 0x1A, 1, 0, 0x50, 1, // a record, a cluster level
            0x42, 4, 0x0A, 2, 5, 5, // no peer id
            0x42, 17, 0x0A, 7, 0x00, 5, 8, 1, 18, 1, 7, 0x12, 2, 0xFF, 0x7F, 0x18, 9, 0x20, 1, // no address, no connection, a field 4
        ];
        var read = KadMessageCodec.Read(bytes);

        var peer = Assert.Single(read.CloserPeers);
        Assert.Equal((Id, 0, KadConnection.NotConnected), (peer.Id, peer.Addresses.Count, peer.Connection));
    }

    [Fact]
    public void Keeps_only_so_many_peers_and_addresses()
    {
        var random = new Random(1);
        var addresses = Enumerable.Range(1, 100).Select(port => Multiaddress.Parse($"/ip4/192.0.2.1/tcp/{port}")).ToList();
        var long_ = Multiaddress.Parse($"/dns4/{new string('a', 200)}/tcp/1");
        var peers = KadPeers.Many(500, random).Select(peer => new KadPeer(peer.Id, [long_, .. addresses])).ToList();
        var read = KadMessageCodec.Read(KadMessageCodec.Write(Message with { CloserPeers = peers, ProviderPeers = peers }));

        Assert.Equal((64, 64), (read.CloserPeers.Count, read.ProviderPeers.Count));
        Assert.All(read.CloserPeers, peer => Assert.Equal(addresses[..7], peer.Addresses));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(127)]
    public void Refuses_a_type_that_it_does_not_know(byte type) => AssertInvalid([0x08, type]);

    [Fact]
    public void Refuses_a_key_that_is_too_long()
    {
        Assert.Equal(80, KadMessageCodec.Read(KadMessageCodec.Write(Message with { Key = new byte[80] })).Key.Length);
        AssertInvalid(KadMessageCodec.Write(Message with { Key = new byte[81] }));
    }

    [Fact]
    public void Damaged_messages_are_read_or_refused()
    {
        var whole = KadMessageCodec.Write(Message);
        Fuzz.Run(36, mutation =>
        {
            KadMessageCodec.Read(mutation.Of(whole));
            return true;
        });
    }

    private static void AssertInvalid(byte[] bytes) =>
        Assert.Equal("invalid_message", Assert.Throws<SwarmException>(() => KadMessageCodec.Read(bytes)).Code);

    private static void AssertSame(IReadOnlyList<KadPeer> expected, IReadOnlyList<KadPeer> actual)
    {
        Assert.Equal(expected.Select(peer => (peer.Id, peer.Connection)), actual.Select(peer => (peer.Id, peer.Connection)));
        Assert.Equal(expected.SelectMany(peer => peer.Addresses), actual.SelectMany(peer => peer.Addresses));
    }
}
