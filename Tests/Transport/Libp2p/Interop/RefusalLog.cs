using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Tests.Transport.Libp2p.Interop;

/// <summary>Listens to a local peer's log for the connections that came to nothing, of which it says nothing elsewhere.</summary>
internal sealed class RefusalLog : ILogger
{
    /// <summary>TransportLog.InboundFailed.</summary>
    private const int InboundFailed = 3003;

    private readonly Channel<string> _codes = Channel.CreateUnbounded<string>();

    /// <summary>The codes of what went wrong, in order.</summary>
    public ChannelReader<string> Codes => _codes.Reader;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (eventId.Id == InboundFailed && state is IReadOnlyList<KeyValuePair<string, object?>> values)
        {
            _codes.Writer.TryWrite((string)values.First(value => value.Key == "Code").Value!);
        }
    }
}
