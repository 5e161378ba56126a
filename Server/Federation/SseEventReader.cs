using System.Buffers;
using System.IO.Pipelines;

namespace ManagedSwarm.Server.Federation;

/// <summary>Cuts a stream of server-sent events, as instances write them, at the empty lines.</summary>
internal sealed class SseEventReader(Stream stream) : IAsyncDisposable
{
    /// <summary>An event may be this long: log-probabilities of one token have a few kilobytes.</summary>
    public const int MaxBytes = 1 << 20;

    private readonly PipeReader _reader = PipeReader.Create(stream);

    /// <summary>The next event with the empty line behind it; null: there are no more.</summary>
    /// <exception cref="InvalidDataException">It is too long, or the stream ends in it.</exception>
    public async ValueTask<byte[]?> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await _reader.ReadAsync(cancellationToken);
            if (TryCut(read.Buffer, out var found, out var behind))
            {
                _reader.AdvanceTo(behind);
                return found;
            }

            if (read.IsCompleted)
            {
                return read.Buffer.IsEmpty ? null : throw new InvalidDataException("an instance's stream ends in the middle of an event");
            }

            if (read.Buffer.Length > MaxBytes)
            {
                throw new InvalidDataException($"an instance's event has more than {MaxBytes} bytes");
            }

            _reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    public ValueTask DisposeAsync() => _reader.CompleteAsync();

    private static bool TryCut(ReadOnlySequence<byte> buffer, out byte[]? found, out SequencePosition behind)
    {
        var reader = new SequenceReader<byte>(buffer);
        var isFound = reader.TryReadTo(out ReadOnlySequence<byte> _, "\n\n"u8);
        behind = reader.Position;
        found = isFound ? buffer.Slice(0, behind).ToArray() : null;
        return isFound;
    }
}
