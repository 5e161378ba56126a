using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Tests.Transport.Discovery;

/// <summary>Keeps the numbers of log lines, and their texts.</summary>
internal sealed class EventLog : ILogger
{
    public ConcurrentQueue<(int Id, string Text)> Lines { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter) => Lines.Enqueue((eventId.Id, formatter(state, exception)));
}
