using ManagedSwarm.Transport;

namespace ManagedSwarm.Tests.Transport.Streams;

/// <summary>One direction of a stream in memory: a ring of bytes. Whatever can be done at once is, without allocating.</summary>
internal sealed class MemoryDirection(int capacity)
{
    private readonly Lock _gate = new();
    private readonly byte[] _ring = new byte[capacity];
    private int _start;
    private int _count;
    private bool _ended;
    private bool _reset;
    private TaskCompletionSource? _changed;

    public bool IsEnded
    {
        get
        {
            lock (_gate)
            {
                return _ended;
            }
        }
    }

    public bool IsReset
    {
        get
        {
            lock (_gate)
            {
                return _reset;
            }
        }
    }

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task changed;
            lock (_gate)
            {
                ThrowIfReset();
                if (_count > 0 || _ended)
                {
                    return Take(buffer.Span);
                }

                changed = NextChange();
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        while (!buffer.IsEmpty)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task? changed = null;
            lock (_gate)
            {
                ThrowIfReset();
                Assert.False(_ended, "a write behind the end of the direction");
                var put = Put(buffer.Span);
                buffer = buffer[put..];
                if (!buffer.IsEmpty)
                {
                    changed = NextChange();
                }
            }

            if (changed is not null)
            {
                await changed.WaitAsync(cancellationToken);
            }
        }
    }

    public void End()
    {
        lock (_gate)
        {
            ThrowIfReset();
            _ended = true;
            Signal();
        }
    }

    /// <summary>What is under way is lost, also what has come and was not read.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _reset = true;
            _count = 0;
            Signal();
        }
    }

    private int Take(Span<byte> destination)
    {
        var total = Math.Min(destination.Length, _count);
        var first = Math.Min(total, _ring.Length - _start);
        _ring.AsSpan(_start, first).CopyTo(destination);
        _ring.AsSpan(0, total - first).CopyTo(destination[first..]);
        _start = (_start + total) % _ring.Length;
        _count -= total;
        Signal();
        return total;
    }

    private int Put(ReadOnlySpan<byte> source)
    {
        var total = Math.Min(source.Length, _ring.Length - _count);
        var end = (_start + _count) % _ring.Length;
        var first = Math.Min(total, _ring.Length - end);
        source[..first].CopyTo(_ring.AsSpan(end));
        source[first..total].CopyTo(_ring);
        _count += total;
        Signal();
        return total;
    }

    private Task NextChange() => (_changed ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private void Signal()
    {
        _changed?.SetResult();
        _changed = null;
    }

    private void ThrowIfReset()
    {
        if (_reset)
        {
            throw new SwarmException("stream_reset", "the stream was reset");
        }
    }
}
