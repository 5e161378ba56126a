using System.Text;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Tests.Transport.Token;

public sealed class SwarmTokenTests
{
    private static readonly Multiaddress Address = Multiaddress.Parse("/ip4/192.0.2.1/tcp/4001");

    [Fact]
    public void Reads_a_plain_token()
    {
        var token = SwarmToken.Parse(TestTokens.Plain);

        Assert.Equal((1, "808182838485868788898a8b8c8d8e8f", 7u, SwarmTokenFlags.None), (token.Version, token.NetworkId, token.Epoch, token.Flags));
        Assert.Equal(Enumerable.Range(0, 32).Select(i => (byte)i), token.Root.ToArray());
        Assert.Empty(token.Bootstrap);
        Assert.Empty(token.Fields);
        Assert.Equal(TestTokens.Plain, token.Reveal());
    }

    [Fact]
    public void Keeps_fields_that_it_does_not_know()
    {
        var token = SwarmToken.Parse(TestTokens.Full);

        Assert.Equal(SwarmTokenFlags.Closed | SwarmTokenFlags.Fast, token.Flags);
        Assert.Equal([Address], token.Bootstrap);
        var field = Assert.Single(token.Fields);
        Assert.Equal((SwarmTokenTag.AdminKey, false), (field.Tag, field.IsCritical));
        Assert.Equal(new byte[32], field.Value.ToArray());
        Assert.Equal(TestTokens.Full, token.Reveal());
    }

    [Fact]
    public void Ignores_white_space_around_it() => Assert.Equal(TestTokens.Plain, SwarmToken.Parse($" \t{TestTokens.Plain}\r\n").Reveal());

    [Fact]
    public void Generates_another_one_each_time()
    {
        var (one, other) = (SwarmToken.Generate([Address, Address]), SwarmToken.Generate());

        Assert.Equal([Address], one.Bootstrap);
        Assert.NotEqual(one.NetworkId, other.NetworkId);
        Assert.False(one.HasSameRoot(other));
        Assert.Equal(one, SwarmToken.Parse(one.Reveal()));
        Assert.StartsWith("mswarm1:", one.Reveal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Makes_the_same_one_of_the_same_phrase_and_name_on_every_machine()
    {
        var token = SwarmToken.FromPassphrase("correct horse battery staple", "home", [Address]);

        // Made by other implementations of SHA-256 and Argon2id.
        Assert.Equal("e12c2f1dc2473f4ae199b2340651f66a", token.NetworkId);
        Assert.Equal("027e5e32de6b3994a26c8f629ec4019746cd9d88c9d63ffffdb9078af265ffa7", Convert.ToHexStringLower(token.Root));
        Assert.Equal([Address], token.Bootstrap);
    }

    [Fact]
    public void Rejects_phrases_that_are_easily_guessed()
    {
        Assert.Equal("invalid_passphrase", Assert.Throws<SwarmException>(() => SwarmToken.FromPassphrase("hunter2", "home")).Code);
        Assert.Equal("invalid_passphrase", Assert.Throws<SwarmException>(() => SwarmToken.FromPassphrase(new string('a', 1025), "home")).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    public void Rejects_names_that_are_none(string name) =>
        Assert.Equal("invalid_network_name", Assert.Throws<SwarmException>(() => SwarmToken.FromPassphrase("correct horse battery staple", name)).Code);

    [Fact]
    public void Never_prints_its_secret()
    {
        var token = SwarmToken.Parse(TestTokens.Plain);

        Assert.Equal("mswarm1:***", token.ToString());
        Assert.Equal("mswarm1:***", $"{token}");
    }

    [Fact]
    public void Is_equal_where_everything_is()
    {
        var token = SwarmToken.Parse(TestTokens.Plain);

        Assert.Equal(token, SwarmToken.Parse(TestTokens.Plain));
        Assert.Equal(token.GetHashCode(), SwarmToken.Parse(TestTokens.Plain).GetHashCode());
        Assert.NotEqual(token, SwarmToken.Parse(TestTokens.Full));
        Assert.True(token.HasSameRoot(SwarmToken.Parse(TestTokens.Full)));
        Assert.False(token.Equals(null));
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("secret", "does not begin with 'mswarm1:'")]
    [InlineData("MSWARM1:AYCB", "does not begin with 'mswarm1:'")]
    [InlineData("mswarm:AYCB", "does not begin with 'mswarm1:'")]
    [InlineData("mswarm0:AYCB", "does not begin with 'mswarm1:'")]
    public void Rejects_another_prefix(string text, string says) => Rejects(text, says);

    [Fact]
    public void Rejects_the_prefix_of_a_newer_program() =>
        Rejects(TestTokens.Plain.Replace("mswarm1:", "mswarm2:", StringComparison.Ordinal), "'mswarm2:', made by a newer program");

    [Fact]
    public void Rejects_each_lost_or_changed_character()
    {
        for (var i = "mswarm1:".Length; i < TestTokens.Plain.Length; i++)
        {
            var other = TestTokens.Plain[i] == 'x' ? 'y' : 'x';
            Rejects(TestTokens.Plain[..i] + other + TestTokens.Plain[(i + 1)..], "a character was lost or changed");
            Assert.False(SwarmToken.TryParse(TestTokens.Plain.Remove(i, 1), out _));
        }

        Rejects(TestTokens.Full.Remove(40, 1), "a character was lost or changed");
    }

    [Fact]
    public void Rejects_bits_that_are_left_over() => Rejects(TestTokens.Plain[..^1] + "B", "a character was lost or changed");

    [Theory]
    [InlineData(" ")]
    [InlineData("=")]
    [InlineData("+")]
    [InlineData("é")]
    public void Rejects_characters_that_are_not_base64url(string character) =>
        Rejects(TestTokens.Plain.Insert(20, character), "character 21 is none of");

    [Fact]
    public void Rejects_what_is_too_short()
    {
        Rejects("mswarm1:", "too short: 8 characters, expected at least 87");
        Rejects(TestTokens.Plain[..^2], "too short");
    }

    [Fact]
    public void Rejects_what_is_too_long() => Rejects("mswarm1:" + new string('A', 1_000_000), "too long");

    [Fact]
    public void Rejects_other_versions()
    {
        Rejects(TestTokens.Text(TestTokens.Bytes([0, 0], version: 2)), "version 2, made by a newer program");
        Rejects(TestTokens.Text(TestTokens.Bytes([0, 0], version: 0)), "version 0");
    }

    [Fact]
    public void Rejects_flags_that_it_does_not_know() => Rejects(TestTokens.Text(TestTokens.Bytes([4, 0])), "flags 4");

    [Fact]
    public void Rejects_too_many_addresses()
    {
        Rejects(TestTokens.Text(TestTokens.Bytes([0, 17])), "17 bootstrap addresses, allowed are 16");
        var many = Enumerable.Range(0, 17).Select(i => Multiaddress.Parse($"/ip4/192.0.2.{i}/tcp/1")).ToList();
        Assert.Equal("invalid_token", Assert.Throws<SwarmException>(() => SwarmToken.Generate(many)).Code);
    }

    [Fact]
    public void Rejects_too_long_addresses()
    {
        Rejects(TestTokens.Text(TestTokens.Bytes([0, 1, 0x81, 0x02])), "bootstrap address 1 has 257 bytes");
        var dns = $"/dns4/{new string('a', 250)}/tcp/1";
        Assert.Equal("invalid_token", Assert.Throws<SwarmException>(() => SwarmToken.Generate([Multiaddress.Parse($"{dns}/ws")])).Code);
    }

    [Fact]
    public void Rejects_addresses_that_are_none() => Rejects(TestTokens.Text(TestTokens.Bytes([0, 1, 2, 3, 3])), "bootstrap address 1 is not one");

    [Fact]
    public void Rejects_addresses_that_are_cut_off() =>
        Rejects(TestTokens.Text(TestTokens.Bytes([0, 1, 8, 4, 192])), "bootstrap address 1 has 8 bytes, 2 are left");

    [Fact]
    public void Rejects_critical_fields_that_it_does_not_know() =>
        Rejects(TestTokens.Text(TestTokens.Bytes([0, 0, 0x80 | 5, 1, 0])), "field 5, without which it must not be used");

    [Theory]
    [InlineData("05000500")]
    [InlineData("05000400")]
    public void Rejects_fields_out_of_order(string hex) =>
        Rejects(TestTokens.Text(TestTokens.Bytes([0, 0, .. Convert.FromHexString(hex)])), "expected ascending tags");

    [Fact]
    public void Rejects_fields_that_are_cut_off()
    {
        Rejects(TestTokens.Text(TestTokens.Bytes([0, 0, 5])), "field 5");
        Rejects(TestTokens.Text(TestTokens.Bytes([0, 0, 5, 3, 1])), "field 5 has 3 bytes, 1 are left");
    }

    [Fact]
    public void Says_that_tokens_of_localai_are_another_thing()
    {
        const string Yaml =
            "otp:\n  dht:\n    interval: 360\n    key: abc\n    length: 43\nrendezvous: def\nroom: ghi\nmdns: jkl\nmax_message_size: 20971520\n";

        Rejects(Convert.ToBase64String(Encoding.UTF8.GetBytes(Yaml)), "a token of LocalAI (EdgeVPN)");
        Rejects(Convert.ToBase64String(Encoding.UTF8.GetBytes(Yaml)) + "\n", "'managedswarm token new'");
        Rejects(Convert.ToBase64String(Encoding.UTF8.GetBytes("room: x\n")), "LocalAI");
        Rejects(Convert.ToBase64String(Encoding.UTF8.GetBytes("something: else\n")), "does not begin with");
    }

    [Fact]
    public void A_damaged_token_is_read_or_refused() => Fuzz.Run(7, mutation =>
    {
        // Half of the damage behind the checksum's back, else hardly any would reach the fields.
        var text = mutation.Pick<bool>([true, false])
            ? mutation.Of(mutation.Pick<string>([TestTokens.Plain, TestTokens.Full]))
            : TestTokens.Text(mutation.Of(mutation.Pick(Originals)));
        var token = SwarmToken.Parse(text);
        Assert.Equal(text.Trim(), token.Reveal());
        _ = new SwarmKeys(token);
        return true;
    });

    private static byte[][] Originals => [TestTokens.Bytes([0, 0]), TestTokens.Bytes([3, 1, 8, .. Address.Bytes.Span, 1, 3, 1, 2, 3, 9, 1, 7])];

    private static void Rejects(string text, string says)
    {
        var exception = Assert.Throws<SwarmException>(() => SwarmToken.Parse(text));
        Assert.Equal("invalid_token", exception.Code);
        Assert.Contains(says, exception.Message, StringComparison.Ordinal);
        Assert.All(TestTokens.RootTexts, secret => Assert.DoesNotContain(secret, exception.Message, StringComparison.Ordinal));
        Assert.False(SwarmToken.TryParse(text, out _));
    }
}
