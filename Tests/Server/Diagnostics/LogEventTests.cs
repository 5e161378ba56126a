using System.Reflection;
using ManagedSwarm.Server.Commands;
using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Tests.Server.Diagnostics;

public sealed class LogEventTests
{
    [Fact]
    public void Event_ids_of_the_server_are_unique_and_begin_at_4000()
    {
        var ids = typeof(CommandLine).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId)
            .OfType<int>()
            .ToList();

        Assert.NotEmpty(ids);
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(ids, id => Assert.InRange(id, 4000, 4999));
    }
}
