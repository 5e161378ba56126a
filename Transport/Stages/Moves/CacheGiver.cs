using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Sessions;
using ManagedSwarm.Transport.Stages.Links;

namespace ManagedSwarm.Transport.Stages.Moves;

/// <summary>Lets others read the keys and values of a stage that computes nothing meanwhile. Safe for use by many threads.</summary>
/// <param name="stage">Whose.</param>
/// <param name="target">In which place of which plan's epoch it is known to them.</param>
/// <param name="takers">Who may.</param>
/// <param name="options">How long it may take.</param>
internal sealed class CacheGiver(IMovableStage stage, Attachment target, IReadOnlyList<PeerId> takers, StageOptions options) : IAsyncDisposable
{
    private readonly CachedSequence[] _sequences = [.. stage.Sequences];
    private readonly RunningTasks _tasks = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private bool _isOver;

    /// <summary>How takers name it.</summary>
    public Attachment Target => target;

    /// <summary>Somebody wants to read.</summary>
    /// <param name="link">Is this one's, unless it is refused.</param>
    /// <returns>Why it is refused; null: it is not.</returns>
    public StageFault? Take(StageLink link)
    {
        if (!takers.Contains(link.RemotePeer))
        {
            return new("unknown_plan", $"{link.RemotePeer} has nothing to take from stage {target.Stage} of plan {target.Plan}");
        }

        lock (_gate)
        {
            if (_isOver)
            {
                return new("wrong_epoch", $"stage {target.Stage} of plan {target.Plan} gives nothing any more");
            }

            _tasks.Add(Task.Run(() => ServeAsync(link)));
            return null;
        }
    }

    /// <summary>Nobody may any more; waits for those that do.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isOver = true;
        }

        await _stop.CancelAsync();
        await _tasks.WhenEmptyAsync();
        _stop.Dispose();
    }

    private async Task ServeAsync(StageLink link)
    {
        try
        {
            using var limit = new TimeLimit(options.Moving, options.Time, _stop.Token);
            Attachment.WriteAnswer(link.Writer, null);
            await link.Writer.FlushAsync(limit.Token);
            await SendAsync(link, await link.ReadAsync(CacheFrames.Small, CacheFrames.ReadTake, limit.Token), limit.Token);
            await link.FinishAsync(limit.Token);
        }
        catch (Exception exception) when (exception is SwarmException or OperationCanceledException or IOException or InvalidOperationException)
        {
            // The taker finds its stream reset, and says so to the head.
            TransportLog.StreamFailed(
                options.Logger, link.RemotePeer, StageProtocols.Cache.Protocol, StageFault.Of(exception).Code, exception.Message);
        }

        link.Abort();
        await link.DisposeAsync();
    }

    private async Task SendAsync(StageLink link, LayerRange layers, CancellationToken cancellationToken)
    {
        if (layers.First < stage.Layers.First || layers.Count < 1 || layers.Count > stage.Layers.End - layers.First)
        {
            throw new SwarmException("protocol_violation", $"{layers.Count} layers from {layers.First} on are asked for; there are {stage.Layers}");
        }

        CacheFrames.WriteSequences(link.Writer, stage, _sequences.Length);
        foreach (var sequence in _sequences)
        {
            CacheFrames.WriteSequence(link.Writer, sequence);
            await link.Writer.FlushAsync(cancellationToken);
        }

        await link.Writer.FlushAsync(cancellationToken);
        int[] blocks = [.. _sequences.SelectMany(sequence => sequence.Blocks).Distinct().Order()];
        var buffer = new byte[checked(Math.Min(CacheFrames.BlocksPerFrame(stage.BlockBytes), blocks.Length) * (int)stage.BlockBytes)];
        for (var layer = layers.First; layer < layers.End; layer++)
        {
            foreach (var some in blocks.Chunk(CacheFrames.BlocksPerFrame(stage.BlockBytes)))
            {
                CacheFrames.WriteBlocks(link.Writer, layer, some[0], Read(layer, some, buffer));
                await link.Writer.FlushAsync(cancellationToken);
            }
        }
    }

    private ReadOnlySpan<byte> Read(int layer, int[] blocks, byte[] buffer)
    {
        var bytes = (int)stage.BlockBytes;
        for (var i = 0; i < blocks.Length; i++)
        {
            stage.ReadBlock(layer, blocks[i], buffer.AsSpan(i * bytes, bytes));
        }

        return buffer.AsSpan(0, blocks.Length * bytes);
    }
}
