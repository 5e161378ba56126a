using System.Text;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Tests.Transport.Libp2p;

public sealed class IdentityTests
{
    private static readonly byte[] Message = Encoding.ASCII.GetBytes("managedswarm");

    // Made by another implementation of Ed25519 (OpenSSL).
    private const string Signature =
        "41a24d1da4c42fb886a72ba8d8e2fc8bba9021baae88e7002cc9806458bc77742a2f663f850468b84208d2fdb1cb42065167e048600349ea1aaae7be4542cf0f";

    [Fact]
    public void Reads_and_writes_the_key_of_the_specification()
    {
        using var identity = PrivateKeyMessage.Parse(TestKeys.PrivateKeyMessage);

        Assert.Equal(TestKeys.PublicKeyMessage, identity.PublicKeyMessage.ToArray());
        Assert.Equal("12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq", identity.PeerId.ToString());
        Assert.Equal(TestKeys.PrivateKeyMessage, PrivateKeyMessage.Create(identity));
        Assert.Equal(Signature, Convert.ToHexStringLower(identity.Sign(Message)));
    }

    [Fact]
    public void Verifies_what_it_signed_and_nothing_else()
    {
        using var identity = Identity.Generate();
        var signature = identity.Sign(Message);
        var key = identity.PublicKeyMessage.Span;

        Assert.True(PublicKeyMessage.Verify(key, Message, signature));
        Assert.False(PublicKeyMessage.Verify(key, [.. Message, 0], signature));
        Assert.False(PublicKeyMessage.Verify(key, Message, [(byte)(signature[0] ^ 1), .. signature[1..]]));
        Assert.False(PublicKeyMessage.Verify(TestKeys.PublicKeyMessage, Message, signature));
    }

    [Fact]
    public void Rejects_signatures_of_another_length()
    {
        using var identity = Identity.Generate();
        var signature = identity.Sign(Message);

        Assert.False(PublicKeyMessage.Verify(identity.PublicKeyMessage.Span, Message, []));
        Assert.False(PublicKeyMessage.Verify(identity.PublicKeyMessage.Span, Message, signature.AsSpan(1)));
        Assert.False(PublicKeyMessage.Verify(identity.PublicKeyMessage.Span, Message, [.. signature, 0]));
    }

    [Fact]
    public void Rejects_public_keys_of_weak_points()
    {
        // The neutral element: with it, anybody could "sign" anything.
        byte[] neutral = [0x01, .. new byte[31]];
        byte[] signature = [.. neutral, .. new byte[32]];

        Assert.False(PublicKeyMessage.Verify(PublicKeyMessage.Create(neutral), Message, signature));
    }

    [Theory]
    [InlineData("", "expected Ed25519's 36")]
    [InlineData("0800121E" + "3003020100020100300301010030030101003003010100300301010030030101", "its type is RSA")]
    [InlineData("08021221" + "021ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e", "its type is Secp256k1")]
    [InlineData("08091201" + "00", "its type is 9")]
    [InlineData("0801121F" + "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce2", "expected Ed25519's 36")]
    [InlineData("08011220" + "1ed1", "32 more bytes expected")]
    public void Rejects_public_keys_that_are_not_ed25519(string hex, string says)
    {
        var exception = Assert.Throws<SwarmException>(() => { PublicKeyMessage.Verify(Convert.FromHexString(hex), Message, new byte[64]); });

        Assert.Equal("invalid_public_key", exception.Code);
        Assert.Contains(says, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rejects_a_second_form_of_the_same_public_key()
    {
        // The fields in the other order: another peer id.
        byte[] swapped = [.. TestKeys.PublicKeyMessage.AsSpan(2), .. TestKeys.PublicKeyMessage.AsSpan(0, 2)];

        Assert.Equal("invalid_public_key", Assert.Throws<SwarmException>(() => { PublicKeyMessage.Parse(swapped); }).Code);
    }

    [Fact]
    public void Is_made_once_and_then_the_same()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.File("new"), "folder", "identity");
        using var first = Identity.LoadOrCreate(path);

        using var second = Identity.LoadOrCreate(path);

        Assert.Equal(first.PeerId, second.PeerId);
        Assert.Equal(PrivateKeyMessage.Create(first), File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
    }

    [Fact]
    public async Task Is_the_same_for_all_who_make_it_at_once()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("identity");
        using var start = new Barrier(8);

        var peers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait(TestContext.Current.CancellationToken);
                using var identity = Identity.LoadOrCreate(path);
                return identity.PeerId;
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));

        Assert.Single(peers.Distinct());
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void Rejects_a_file_that_is_open_to_others(UnixFileMode also)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "file modes are Unix's");
        using var folder = new TemporaryFolder();
        var path = Keep(folder, TestKeys.PrivateKeyMessage);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | also);
        }

        Assert.Contains("chmod 600", Fails(path), StringComparison.Ordinal);
    }

    [Fact]
    public void Rejects_a_file_of_another_length()
    {
        using var folder = new TemporaryFolder();

        Assert.Contains("it has 0 bytes", Fails(Keep(folder, [])), StringComparison.Ordinal);
        Assert.Contains("it has 67 bytes", Fails(Keep(folder, TestKeys.PrivateKeyMessage[..67])), StringComparison.Ordinal);
        Assert.Contains("it has more than 68 bytes", Fails(Keep(folder, [.. TestKeys.PrivateKeyMessage, 0])), StringComparison.Ordinal);
    }

    [Fact]
    public void Rejects_halves_that_do_not_belong_together()
    {
        using var folder = new TemporaryFolder();
        var bytes = TestKeys.PrivateKeyMessage;
        bytes[10] ^= 1;

        Assert.Contains("public half", Fails(Keep(folder, bytes)), StringComparison.Ordinal);
    }

    [Fact]
    public void Rejects_another_type_of_key()
    {
        using var folder = new TemporaryFolder();
        var bytes = TestKeys.PrivateKeyMessage;
        bytes[1] = 2;

        Assert.Contains("type 2", Fails(Keep(folder, bytes)), StringComparison.Ordinal);
    }

    [Fact]
    public void Rejects_what_is_no_file()
    {
        using var folder = new TemporaryFolder();

        Fails(folder.Path);
        Fails("");
        Fails(Path.Combine(Keep(folder, []), "below-a-file"));
    }

    [Fact]
    public void A_damaged_key_is_read_or_refused() => Fuzz.Run(4, mutation =>
    {
        // Half of the time only what comes before the key, where damage is not always deadly.
        var original = TestKeys.PrivateKeyMessage;
        byte[] bytes = mutation.Pick<bool>([true, false]) ? mutation.Of(original) : [.. mutation.Of(original[..4]), .. original[4..]];
        using var identity = PrivateKeyMessage.Parse(bytes);
        Assert.Equal(TestKeys.PublicKeyMessage, identity.PublicKeyMessage.ToArray());
        return true;
    });

    private static string Keep(TemporaryFolder folder, byte[] bytes)
    {
        var path = folder.File("identity");
        File.WriteAllBytes(path, bytes);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return path;
    }

    private static string Fails(string path)
    {
        var exception = Assert.Throws<SwarmException>(() => Identity.LoadOrCreate(path));
        Assert.Equal("invalid_identity", exception.Code);
        Assert.Contains($"'{path}'", exception.Message, StringComparison.Ordinal);
        return exception.Message;
    }
}
