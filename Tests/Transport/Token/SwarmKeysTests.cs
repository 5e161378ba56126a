using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Tests.Transport.Token;

/// <summary>Every value was made by another implementation of HKDF; a change of one parts old members from new ones.</summary>
public sealed class SwarmKeysTests
{
    private static readonly SwarmKeys Keys = new(SwarmToken.Parse(TestTokens.Plain));

    private static readonly DateOnly Day = new(2026, 11, 28);

    [Fact]
    public void Derives_the_keys()
    {
        Assert.Equal("70479b787fcaaf7464ccf63fdc5cc6e1566eb305c3b9d0099b1c3d43b5482a68", Hex(Keys.PreSharedKey));
        Assert.Equal("7ed3d8c81cfb20fb8f761ad2902766bba629d0be1bc6f5133cb49fc929f745ab", Hex(Keys.Prologue));
        Assert.Equal("854851afd5c27d62993305986502259006184c27c0cd3f24f4addb6ac794d4c2", Hex(Keys.LedgerKey));
    }

    [Fact]
    public void Derives_the_names()
    {
        Assert.Equal("b76b4787358e7f1e", Keys.Network);
        Assert.Equal("18e43ff1e79387dcbd76c5421398f2e9", Keys.Topic);
        Assert.Equal("/managedswarm/11e4cbcf23b4ac65/kad/1.0.0", Keys.KadProtocolId);
        Assert.Equal("/managedswarm/b76b4787358e7f1e/stage/1.0.0", Keys.ProtocolId("stage/1.0.0"));
    }

    [Fact]
    public void Derives_what_changes_daily()
    {
        Assert.Equal("ac20a29f93ce6c7a4a724c2d9ee6ddb0", Keys.MdnsTag(Day));
        Assert.Equal("012bf1a45f4fb3738a4e9eeb14f90897a3c3739cd639479f7766fa2c4fd5c911", Hex(Keys.RendezvousKey(Day)));
        Assert.NotEqual(Keys.MdnsTag(Day), Keys.MdnsTag(Day.AddDays(1)));
    }

    [Fact]
    public void Writes_the_key_as_other_implementations_read_it() =>
        Assert.Equal(
            "/key/swarm/psk/1.0.0/\n/base16/\n70479b787fcaaf7464ccf63fdc5cc6e1566eb305c3b9d0099b1c3d43b5482a68", Keys.RevealSwarmKeyFile());

    [Fact]
    public void Depends_on_network_epoch_and_root()
    {
        var bytes = TestTokens.Bytes([0, 0]);
        foreach (var at in new[] { 1, 20, 21 })
        {
            var changed = bytes.ToArray();
            changed[at] ^= 1;
            Assert.NotEqual(Keys.Network, new SwarmKeys(SwarmToken.Parse(TestTokens.Text(changed))).Network);
        }
    }

    [Fact]
    public void Depends_on_nothing_else() => Assert.Equal(Keys.Network, new SwarmKeys(SwarmToken.Parse(TestTokens.Full)).Network);

    [Fact]
    public void Derives_other_keys_for_a_part_of_the_network()
    {
        var keys = new SwarmKeys(SwarmToken.Parse(TestTokens.Plain).InSubnetwork("büro"));

        Assert.Equal("6f8a33acf98c874e7333b4d811d58906206ec47807bab87c9c924eca0d1fe74f", Hex(keys.PreSharedKey));
        Assert.Equal("26b5015099e02475934f340b41f4308211e2d5494520b791cdc816b195b2a2c2", Hex(keys.Prologue));
        Assert.Equal("96393310ffb544ca", keys.Network);
        Assert.Equal("bbb9be8bc2a736db549f5c72e477b950", keys.Topic);
        Assert.Equal("/managedswarm/531d94dbcc7858cf/kad/1.0.0", keys.KadProtocolId);
        Assert.Equal("a9c45299c20841455619821667e09c18", keys.MdnsTag(Day));
    }

    private static string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexStringLower(bytes.Span);
}
