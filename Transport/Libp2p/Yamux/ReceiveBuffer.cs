namespace ManagedSwarm.Transport.Libp2p.Yamux;

/// <summary>Bytes that came and were not read yet, in pooled segments. One thread at a time.</summary>
internal sealed class ReceiveBuffer(RentedBuffers buffers)
{
    // A segment is as large as what waits already, so that little that waits takes little, and much takes few segments: the pool keeps a
    // certain number of them, whatever their size.
    private const int LeastSegment = 4 * 1024;
    private const int LargestSegment = 64 * 1024;

    private readonly Queue<byte[]> _segments = new();
    private byte[] _last = [];
    private int _read;
    private int _written;

    /// <summary>Bytes.</summary>
    public int Length { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        Length += bytes.Length;
        while (!bytes.IsEmpty)
        {
            if (_written == _last.Length)
            {
                AddSegment(bytes.Length);
            }

            var count = Math.Min(bytes.Length, _last.Length - _written);
            bytes[..count].CopyTo(_last.AsSpan(_written));
            _written += count;
            bytes = bytes[count..];
        }
    }

    /// <returns>How many bytes: as many as there are and <paramref name="destination"/> has room for.</returns>
    public int Read(Span<byte> destination)
    {
        var total = 0;
        while (!destination.IsEmpty && Length > 0)
        {
            var first = _segments.Peek();
            var end = ReferenceEquals(first, _last) ? _written : first.Length;
            var count = Math.Min(destination.Length, end - _read);
            first.AsSpan(_read, count).CopyTo(destination);
            destination = destination[count..];
            total += count;
            Advance(count, end);
        }

        return total;
    }

    public void Clear()
    {
        while (_segments.TryDequeue(out var segment))
        {
            buffers.Return(segment);
        }

        (_last, _read, _written, Length) = ([], 0, 0, 0);
    }

    private void AddSegment(int wanted)
    {
        _last = buffers.Rent(Math.Clamp(Math.Max(wanted, Length - wanted), LeastSegment, LargestSegment));
        _segments.Enqueue(_last);
        _written = 0;
    }

    private void Advance(int count, int end)
    {
        _read += count;
        Length -= count;
        if (Length == 0)
        {
            Clear();
        }
        else if (_read == end)
        {
            buffers.Return(_segments.Dequeue());
            _read = 0;
        }
    }
}
