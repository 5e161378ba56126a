using System.Text.Json.Nodes;
using ManagedSwarm.Engine.Templates;

namespace ManagedSwarm.Tests.Engine.Templates;

/// <summary>Against Python's <c>strftime</c> on Linux.</summary>
public class StrftimeTests
{
    [Theory]
    [InlineData("2024-01-07T09:05:03.000042", "%d %b %Y", "07 Jan 2024")]
    [InlineData("2024-01-07T09:05:03.000042", "%A %B %-d, %Y", "Sunday January 7, 2024")]
    [InlineData("2024-01-07T09:05:03.000042", "%a %j %U %W %V %G %u %w %p %I %y %C", "Sun 007 01 01 01 2024 7 0 AM 09 24 20")]
    [InlineData("2024-01-07T09:05:03.000042", "%e|%h|%D|%F|%R|%T|%r", " 7|Jan|01/07/24|2024-01-07|09:05|09:05:03|09:05:03 AM")]
    [InlineData("2024-01-07T09:05:03.000042", "%c|%x|%X", "Sun Jan  7 09:05:03 2024|01/07/24|09:05:03")]
    [InlineData("2024-01-07T09:05:03.000042", "%_d|%-m|%^a|%-H|%-I|%_I|%k|%l|%g|%^B|%0e|%f|%P|%-j|%_j|%", " 7|1|SUN|9|9| 9| 9| 9|24|JANUARY|07|000042|am|7|  7|%")]
    [InlineData("2023-12-31T00:59:59", "%a %j %U %W %V %G %u %w %p %I %y %C", "Sun 365 53 52 52 2023 7 0 AM 12 23 20")]
    [InlineData("2023-12-31T00:59:59", "%-H|%-I|%_I|%k|%l|%r", "0|12|12| 0|12|12:59:59 AM")]
    [InlineData("2021-01-03T12:00:00", "%a %j %U %W %V %G %u %w %p %I %y %C", "Sun 003 01 00 53 2020 7 0 PM 12 21 20")]
    [InlineData("2021-01-03T12:00:00", "%Q %% %n%t|%Z%z|%E", "%Q % \n\t||%E")]
    public void Formats_as_Python_does(string now, string format, string expected)
    {
        var time = new FixedTime(DateTimeOffset.Parse(now + "+00:00", System.Globalization.CultureInfo.InvariantCulture));
        var rendered = ChatTemplate.Parse("{{ strftime_now(format) }}").Render(new JsonObject { ["format"] = format }, time);
        Assert.Equal(expected, rendered);
    }

    [Fact]
    public void Tells_local_time()
    {
        var zone = TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.FromHours(5), "test", "test");
        var time = new FixedTime(new DateTimeOffset(2024, 12, 31, 22, 30, 0, TimeSpan.Zero), zone);
        Assert.Equal("2025-01-01 03:30", ChatTemplate.Parse("{{ strftime_now('%Y-%m-%d %H:%M') }}").Render([], time));
    }
}
