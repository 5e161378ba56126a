using System.Net;
using ManagedSwarm.Server.Commands;

namespace ManagedSwarm.Tests.Server.Commands;

public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:8080", "127.0.0.1", 8080, false)]
    [InlineData("localhost:1", "127.0.0.1", 1, false)]
    [InlineData("[::1]:65535", "::1", 65535, false)]
    [InlineData("[::]:0", "::", 0, true)]
    [InlineData("0.0.0.0:8080", "0.0.0.0", 8080, true)]
    [InlineData("192.168.1.5:80", "192.168.1.5", 80, true)]
    [InlineData(":8080", null, 8080, true)]
    public void Reads_an_address(string text, string? address, int port, bool isPublic)
    {
        Assert.True(ListenAddress.TryParse(text, out var parsed));
        Assert.Equal(address is null ? null : IPAddress.Parse(address), parsed.Address);
        Assert.Equal(port, parsed.Port);
        Assert.Equal(isPublic, parsed.IsPublic);
    }

    [Theory]
    [InlineData("")]
    [InlineData("8080")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:http")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("127.0.0.1:+80")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.1:80")]
    [InlineData("256.0.0.1:80")]
    [InlineData("::1:8080")]
    [InlineData("[127.0.0.1]:80")]
    [InlineData("http://127.0.0.1:8080")]
    [InlineData("example.org:80")]
    public void Refuses_what_is_no_address(string text) => Assert.False(ListenAddress.TryParse(text, out _));
}
