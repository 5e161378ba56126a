using System.Reflection;
using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Tests.Server.Diagnostics;

public sealed class LogEventTests
{
    [Theory]
    [InlineData("ManagedSwarm.Transport", 3000)]
    [InlineData("managedswarm", 4000)]
    public void Event_ids_of_a_project_are_unique_and_in_its_thousand(string assembly, int first)
    {
        var ids = Assembly.Load(assembly).GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId)
            .OfType<int>()
            .ToList();

        Assert.NotEmpty(ids);
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(ids, id => Assert.InRange(id, first, first + 999));
    }
}
