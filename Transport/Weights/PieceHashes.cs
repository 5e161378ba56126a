using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Transport.Weights;

/// <summary>The pieces of all tensors of a model.</summary>
public sealed class PieceHashes
{
    private readonly Dictionary<string, TensorPieces> _pieces;

    /// <param name="pieces">By the tensors' names.</param>
    internal PieceHashes(Dictionary<string, TensorPieces> pieces) => _pieces = pieces;

    /// <summary>The pieces of each tensor, by its name.</summary>
    public IReadOnlyDictionary<string, TensorPieces> Tensors => _pieces;

    /// <summary>Reads all tensors, several at a time, and hashes them: as fast as disk and processors are, so perhaps minutes.</summary>
    /// <param name="file">Stays open.</param>
    /// <param name="progress">Told after each piece, by one thread at a time; null: nobody looks on.</param>
    /// <param name="cancellationToken">Ends it between two pieces.</param>
    /// <exception cref="GgufFormatException">The file has become shorter since it was opened.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static PieceHashes Compute(GgufFile file, IProgress<HashProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var counter = new HashCounter(file.Tensors.Sum(tensor => tensor.ByteLength), progress);
        var pieces = new TensorPieces[file.Tensors.Count];

        // The largest first: otherwise one thread might begin with it when all others are done.
        var order = Enumerable.Range(0, pieces.Length).OrderByDescending(i => file.Tensors[i].ByteLength);
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        try
        {
            Parallel.ForEach(InOrder(order), options, i => pieces[i] = HashTensor(file, file.Tensors[i], counter, cancellationToken));
        }
        catch (AggregateException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }

        return new(Enumerable.Range(0, pieces.Length).ToDictionary(i => file.Tensors[i].Name, i => pieces[i], StringComparer.Ordinal));
    }

    private static OrderablePartitioner<int> InOrder(IEnumerable<int> order) =>
        Partitioner.Create(order, EnumerablePartitionerOptions.NoBuffering);

    private static TensorPieces HashTensor(GgufFile file, TensorInfo tensor, HashCounter counter, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(TensorPieces.PieceBytes, tensor.ByteLength));
        try
        {
            return TensorPieces.Compute(file, tensor, buffer, counter.Advance, cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Adds up what several threads have done, and tells it in order.</summary>
    private sealed class HashCounter(long total, IProgress<HashProgress>? progress)
    {
        private readonly Lock _gate = new();
        private long _done;

        public void Advance(int bytes)
        {
            lock (_gate)
            {
                _done += bytes;
                progress?.Report(new(_done, total));
            }
        }
    }
}
