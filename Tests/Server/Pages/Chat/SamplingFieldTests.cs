using ManagedSwarm.Server.Pages.Chat;

namespace ManagedSwarm.Tests.Server.Pages.Chat;

public sealed class SamplingFieldTests
{
    public static TheoryData<string> Names => [.. SamplingField.All.Select(one => one.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_typed_is_set_shown_and_taken_back(string name)
    {
        var field = SamplingField.All.Single(one => one.Name == name);
        var set = field.Read(new(), "1");

        Assert.Equal("1", field.TextOf(set));
        Assert.False(set.IsDefault);
        Assert.Equal(new SamplingSettings(), field.Read(set, ""));
        Assert.Equal(new SamplingSettings(), field.Read(set, "no number"));
    }

    [Theory]
    [InlineData("temperature", "0.7", "0.7")]
    [InlineData("seed", "9223372036854775807", "9223372036854775807")]
    [InlineData("seed", "1e40", "")]
    [InlineData("seed", "1e25", "9223372036854775807")]
    [InlineData("max_tokens", "2.9", "2")]
    [InlineData("max_tokens", "1e12", "2147483647")]
    public void Numbers_keep_their_digits_within_their_type(string name, string typed, string shown)
    {
        var field = SamplingField.All.Single(one => one.Name == name);

        Assert.Equal(shown, field.TextOf(field.Read(new(), typed)));
    }
}
