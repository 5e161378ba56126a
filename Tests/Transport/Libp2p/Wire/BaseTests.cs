using System.Text;
using ManagedSwarm.Transport.Libp2p.Wire;

namespace ManagedSwarm.Tests.Transport.Libp2p.Wire;

public sealed class BaseTests
{
    // The examples of draft-msporny-base58.
    [Theory]
    [InlineData("48656C6C6F20576F726C6421", "2NEpo7TZRRrLZSi2U")]
    [InlineData("0000287FB4CD", "11233QC4")]
    [InlineData("", "")]
    [InlineData("00", "1")]
    [InlineData("0000", "11")]
    [InlineData("FF", "5Q")]
    public void Writes_and_reads_base58(string hex, string text)
    {
        var bytes = Convert.FromHexString(hex);

        Assert.Equal(text, Base58.Encode(bytes));
        Assert.True(Base58.TryDecode(text, bytes.Length, out var read));
        Assert.Equal(bytes, read);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("O")]
    [InlineData("I")]
    [InlineData("l")]
    [InlineData("2NEpo7TZ RrLZSi2U")]
    [InlineData("é")]
    public void Rejects_what_is_no_digit_of_base58(string text) => Assert.False(Base58.TryDecode(text, 100, out _));

    [Fact]
    public void Rejects_base58_of_more_bytes_than_allowed()
    {
        var text = Base58.Encode(new byte[] { 1, 2, 3, 4, 5 });

        Assert.True(Base58.TryDecode(text, 5, out _));
        Assert.False(Base58.TryDecode(text, 4, out _));
        Assert.False(Base58.TryDecode(new string('z', 1_000_000), 44, out _));
    }

    // RFC 4648, section 10, in lower case and without padding.
    [Theory]
    [InlineData("", "")]
    [InlineData("f", "my")]
    [InlineData("fo", "mzxq")]
    [InlineData("foo", "mzxw6")]
    [InlineData("foob", "mzxw6yq")]
    [InlineData("fooba", "mzxw6ytb")]
    [InlineData("foobar", "mzxw6ytboi")]
    public void Writes_and_reads_base32(string plain, string text)
    {
        var bytes = Encoding.ASCII.GetBytes(plain);

        Assert.Equal(text, Base32.Encode(bytes));
        Assert.True(Base32.TryDecode(text, bytes.Length, out var read));
        Assert.Equal(bytes, read);
    }

    [Theory]
    [InlineData("m")]
    [InlineData("mzx")]
    [InlineData("mzxw6y")]
    [InlineData("MY")]
    [InlineData("my======")]
    [InlineData("m1")]
    [InlineData("mz")]
    public void Rejects_what_is_not_base32(string text) => Assert.False(Base32.TryDecode(text, 100, out _));

    [Fact]
    public void Rejects_base32_of_more_bytes_than_allowed() => Assert.False(Base32.TryDecode("mzxw6ytboi", 5, out _));

    // RFC 4648, section 10, without padding, and the two digits in which base64url differs.
    [Theory]
    [InlineData("", "")]
    [InlineData("66", "Zg")]
    [InlineData("666F", "Zm8")]
    [InlineData("666F6F626172", "Zm9vYmFy")]
    [InlineData("FBFF", "-_8")]
    public void Writes_and_reads_base64url(string hex, string text)
    {
        var bytes = Convert.FromHexString(hex);

        Assert.Equal(text, Base64UrlText.Encode(bytes));
        Assert.Equal(text.Length, Base64UrlText.LengthOf(bytes.Length));
        Assert.True(Base64UrlText.TryDecode(text, bytes.Length, out var read));
        Assert.Equal(bytes, read);
    }

    [Theory]
    [InlineData("Z")]
    [InlineData("Zm9vY")]
    [InlineData("Zh")]
    [InlineData("Zg==")]
    [InlineData("Z g")]
    [InlineData("+/8")]
    public void Rejects_what_is_not_base64url(string text) => Assert.False(Base64UrlText.TryDecode(text, 100, out _));

    [Fact]
    public void Rejects_base64url_of_more_bytes_than_allowed() => Assert.False(Base64UrlText.TryDecode("Zm9vYmFy", 5, out _));
}
