using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Tests.Transport.Libp2p.Kad;

/// <summary>Keeps what is logged: the event, and the values in its text.</summary>
internal sealed class EventLog : ILogger
{
    private readonly ConcurrentQueue<(int Event, IReadOnlyDictionary<string, object?> Values)> _entries = new();

    /// <summary>The values of all entries of an event, in order.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, object?>> Of(int eventId) =>
        [.. _entries.Where(entry => entry.Event == eventId).Select(entry => entry.Values)];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        _entries.Enqueue((eventId.Id, ((IReadOnlyList<KeyValuePair<string, object?>>)state!).ToDictionary()));
}
