using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Tests.Fixtures;

/// <summary>Keeps what is logged: the event's number, its text, and the values in it.</summary>
internal sealed class TestLog : ILogger
{
    public ConcurrentQueue<(int Id, string Text, IReadOnlyDictionary<string, object?> Values)> Lines { get; } = [];

    /// <summary>The values of all lines of an event, in order.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, object?>> Of(int eventId) =>
        [.. Lines.Where(line => line.Id == eventId).Select(line => line.Values)];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue((eventId.Id, formatter(state, exception), ((IReadOnlyList<KeyValuePair<string, object?>>)state!).ToDictionary()));
}
