using System.Buffers.Binary;
using System.Collections.Concurrent;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Bench.Soak;

/// <summary>
/// The streams between one count and the next. In a calm cycle each must end as its plan has it; in a stormy one sessions are cut while
/// streams are open, which may then end at any byte, but never with a wrong one.
/// </summary>
internal sealed class SoakCycle(SoakOptions options, int number, IReadOnlyList<SoakPeer> peers)
{
    // Of what a worker does in a storm, one thing of so many cuts a session.
    private const int CutsOneIn = 25;
    private const int HeaderBytes = sizeof(int);

    private readonly ConcurrentDictionary<int, SoakStream> _streams = [];
    private int _lastId;

    public bool IsCalm => number % 2 == 0;

    /// <summary>What came of its streams until now.</summary>
    public SoakTally Tally => new(
        _streams.Count,
        _streams.Values.Count(stream => !stream.Outward.IsEnded || !stream.Inward.IsEnded),
        _streams.Values.Sum(stream => (long)stream.Outward.Received.Count + stream.Inward.Received.Count));

    /// <summary>Opens streams until a bound is reached, and waits for the opening ends.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        bool IsOver() => TimeProvider.System.GetElapsedTime(start) >= options.CycleTime;
        await Task.WhenAll(Enumerable.Range(0, options.Workers).Select(worker => Task.Run(
            async () =>
            {
                // Not HashCode: it is another one in each process.
                var random = new Random(unchecked((((options.Seed * 10_007) + number) * 1009) + worker));
                for (var i = 0; i < options.StreamsPerWorker && !IsOver() && !cancellationToken.IsCancellationRequested; i++)
                {
                    await ActAsync(random, cancellationToken);
                }
            },
            CancellationToken.None)));
    }

    /// <summary>Takes the other end of a stream.</summary>
    public async Task ServeAsync(IMuxStream stream, CancellationToken cancellationToken)
    {
        if (await ReadIdAsync(stream, cancellationToken) is not { } id || !_streams.TryGetValue(id, out var record))
        {
            await stream.DisposeAsync();
            return;
        }

        record.IsAccepted = true;
        var end = new StreamEnd(stream, record, record.Inward, record.Outward, new Random(id))
        {
            Resets = record.Plan.Ending == StreamEnding.ResetByAccepter,
            WaitsForEnd = record.Plan.AnswersLast,
        };
        await end.RunAsync(cancellationToken);
    }

    /// <summary>Compares both ends of all streams, which are over, and lets go of them.</summary>
    /// <returns>What is wrong.</returns>
    public IReadOnlyList<string> Judge()
    {
        List<string> problems = [.. _streams.Values.SelectMany(stream => stream.Judge(IsCalm))];
        foreach (var stream in _streams.Values)
        {
            stream.Dispose();
        }

        // The heap is measured next.
        _streams.Clear();
        return problems;
    }

    private async Task ActAsync(Random random, CancellationToken cancellationToken)
    {
        var first = random.Next(peers.Count);
        var second = (first + 1 + random.Next(peers.Count - 1)) % peers.Count;
        if (!IsCalm && random.Next(CutsOneIn) == 0)
        {
            await peers[first].CutAsync(peers[second]);
            return;
        }

        var id = Interlocked.Increment(ref _lastId) | (number << 20);
        var record = _streams[id] = new SoakStream(StreamPlan.Draw(id, random, options.MostBytes), options.Seed);
        try
        {
            var stream = await peers[first].OpenStreamAsync(peers[second], cancellationToken);
            await OpenAsync(stream, record, random, cancellationToken);
        }
        catch (Exception exception)
        {
            record.Fail(exception);
        }
    }

    private static async Task OpenAsync(IMuxStream stream, SoakStream record, Random random, CancellationToken cancellationToken)
    {
        var header = new byte[HeaderBytes];
        BinaryPrimitives.WriteInt32LittleEndian(header, record.Plan.Id);
        try
        {
            await stream.WriteAsync(header, cancellationToken);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }

        var end = new StreamEnd(stream, record, record.Outward, record.Inward, new Random(random.Next()))
        {
            Resets = record.Plan.Ending == StreamEnding.ResetByOpener,
            WaitsForEnd = false,
        };
        await end.RunAsync(cancellationToken);
    }

    /// <returns>Null: it ended before.</returns>
    private static async Task<int?> ReadIdAsync(IMuxStream stream, CancellationToken cancellationToken)
    {
        var header = new byte[HeaderBytes];
        try
        {
            for (var count = 0; count < header.Length;)
            {
                var read = await stream.ReadAsync(header.AsMemory(count), cancellationToken);
                if (read == 0)
                {
                    return null;
                }

                count += read;
            }

            return BinaryPrimitives.ReadInt32LittleEndian(header);
        }
        catch (Exception exception) when (exception is SwarmException or OperationCanceledException)
        {
            return null;
        }
    }
}
