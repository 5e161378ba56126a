using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace ManagedSwarm.Engine.Kernels;

/// <summary>A team of threads that computes parts of the same work; the thread that brings the work is one of them.</summary>
/// <remarks>
/// <para>
/// Work is handed out by a counter of parts that nobody has taken yet. Taking is one atomic decrement, and it succeeds where the result is
/// not negative. The work is written before that counter, and stays until every part that was taken is reported as done; so whoever has
/// taken a part, and only then reads what it is a part of, always reads the right work, however late it comes. Those who come too late take
/// nothing, and nobody waits for them.
/// </para>
/// <para>
/// Between two works, threads spin for some tens of microseconds, as within a step the next one is near, and then sleep (<see cref="Parker"/>).
/// Works come one at a time: a second caller waits for the first. Runs without garbage; threads are started by the first work that needs them.
/// </para>
/// </remarks>
internal sealed unsafe class ComputeThreads : IDisposable
{
    private static readonly TimeSpan DefaultSpin = TimeSpan.FromMicroseconds(50);

    /// <summary>The team that the current thread was started for.</summary>
    [ThreadStatic]
    private static ComputeThreads? _home;

    private readonly long _spinTicks;
    private readonly Lock _gate = new();
    private readonly Parker _caller = new();
    private readonly Func<bool> _isDone;
    private readonly Func<bool> _isCalled;
    private Worker[] _workers = [];
    private TeamWork _work;
    private int _isDisposed;

    /// <param name="count">Threads; 0: one per core.</param>
    /// <param name="spin">How long a thread spins before it sleeps.</param>
    public ComputeThreads(int count, TimeSpan? spin = null)
    {
        Count = count > 0 ? count : Environment.ProcessorCount;
        _spinTicks = BoundedSpin.TicksOf(spin ?? DefaultSpin);
        _isDone = () => _work.IsDone;
        _isCalled = () => _work.HasParts || Volatile.Read(ref _isDisposed) != 0;
    }

    /// <summary>How many threads compute at once, the caller's own among them.</summary>
    public int Count { get; }

    /// <summary>How many of the team sleep now.</summary>
    public int ParkedCount => _workers.Count(worker => worker.Parker.IsParked);

    /// <summary>Runs the parts 0 … <paramref name="parts"/> - 1 and returns when all are done. From within a part, the calling thread does it alone.</summary>
    /// <exception cref="ObjectDisposedException">The team is gone.</exception>
    /// <remarks>Where parts throw, the others run all the same, and the first exception is thrown again.</remarks>
    public void Run<TWork>(int parts, ref TWork work)
        where TWork : struct, IParallelWork
    {
        if (IsInside)
        {
            RunAlone(parts, ref work);
            return;
        }

        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
            if (Count == 1 || parts <= 1)
            {
                RunAlone(parts, ref work);
                return;
            }

            // A local is on the stack and never moves, while the caller's may be anywhere.
            var local = work;
            RunTogether(&RunPart<TWork>, Unsafe.AsPointer(ref local), parts);
            work = local;
        }
    }

    /// <summary>Ends the threads, after a work that is under way; the second time, nothing is done.</summary>
    /// <exception cref="InvalidOperationException">Called from within a part, which would wait for itself.</exception>
    public void Dispose()
    {
        if (IsInside)
        {
            throw new InvalidOperationException("a part of a work cannot dispose the team that computes it");
        }

        lock (_gate)
        {
            // A full fence, as Parker asks for.
            Interlocked.Exchange(ref _isDisposed, 1);
            Wake(_workers.Length);
        }

        foreach (var worker in _workers)
        {
            worker.Thread.Join();
        }
    }

    private bool IsInside => _home == this || _gate.IsHeldByCurrentThread;

    private static void RunPart<TWork>(void* work, int part)
        where TWork : struct, IParallelWork =>
        Unsafe.AsRef<TWork>(work).Run(part);

    private static void RunAlone<TWork>(int parts, ref TWork work)
        where TWork : struct, IParallelWork
    {
        Exception? first = null;
        for (var part = 0; part < parts; part++)
        {
            try
            {
                work.Run(part);
            }
            catch (Exception exception)
            {
                first ??= exception;
            }
        }

        Rethrow(first);
    }

    private static void Rethrow(Exception? exception)
    {
        if (exception is not null)
        {
            ExceptionDispatchInfo.Throw(exception);
        }
    }

    private void RunTogether(delegate*<void*, int, void> run, void* work, int parts)
    {
        Start();
        _work.Publish(run, work, parts);
        Wake(parts - 1);
        TakeParts();
        while (!SpinUntil(_isDone))
        {
            _caller.ParkUnless(_isDone);
        }

        Rethrow(_work.TakeError());
    }

    private void Start()
    {
        while (_workers.Length < Count - 1)
        {
            var worker = new Worker(this, _workers.Length + 1);
            worker.Thread.UnsafeStart();
            _workers = [.. _workers, worker];
        }
    }

    private void Wake(int most)
    {
        for (var i = 0; i < _workers.Length && most > 0; i++)
        {
            if (_workers[i].Parker.TryWake())
            {
                most--;
            }
        }
    }

    private void TakeParts()
    {
        if (_work.RunParts())
        {
            _caller.TryWake();
        }
    }

    private void RunWorker(Parker parker)
    {
        _home = this;
        while (Volatile.Read(ref _isDisposed) == 0)
        {
            TakeParts();
            if (!SpinUntil(_isCalled))
            {
                parker.ParkUnless(_isCalled);
            }
        }
    }

    private bool SpinUntil(Func<bool> isReady)
    {
        var spin = new BoundedSpin(_spinTicks);
        while (!isReady())
        {
            if (!spin.TryOnce())
            {
                return false;
            }
        }

        return true;
    }

    private sealed class Worker
    {
        public Worker(ComputeThreads team, int number) =>
            Thread = new Thread(() => team.RunWorker(Parker)) { IsBackground = true, Name = $"compute {number}" };

        public Parker Parker { get; } = new();

        public Thread Thread { get; }
    }
}
