using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Server.P2p.Heads;

/// <summary>Puts together how far the workers of a model are. Safe for use by many threads.</summary>
/// <param name="report">Told each time.</param>
internal sealed class LoadStatus(Action<HeadStatus> report) : IProgress<ChainProgress>
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<int, (string Node, LayerRange Layers, StageProgress Load)> _stages = [];
    private bool _isReady;

    /// <summary>All layers are covered: from now on they may be lost, and be covered again.</summary>
    public void Ready()
    {
        lock (_gate)
        {
            _isReady = true;
            report(HeadStatus.Ready);
        }
    }

    public void Report(ChainProgress value)
    {
        lock (_gate)
        {
            if (value.State == StageState.Ended)
            {
                _stages.Remove(value.Layers.First);
                report(new(HeadState.Waiting, value.Node, null, null, $"Layers {value.Layers} were lost with {value.Node}, and are placed anew"));
                return;
            }

            // What has come in the place of another one may have fewer layers.
            _stages[value.Layers.First] = (value.Node, value.Layers, value.Load with { State = value.State });
            if (!_stages.Values.All(stage => stage.Load.State == StageState.Running))
            {
                report(Status());
            }
            else if (_isReady)
            {
                report(HeadStatus.Ready);
            }
        }
    }

    /// <summary>Of the node that is furthest behind.</summary>
    private HeadStatus Status()
    {
        var (node, _, last) = _stages.Values.MinBy(stage => (stage.Load.State, StageProgressText.ShareOf(stage.Load)));
        var (done, total) = (_stages.Values.Sum(one => one.Load.BytesDone), _stages.Values.Sum(one => one.Load.BytesTotal));
        return new(
            last.State == StageState.Fetching ? HeadState.Fetching : HeadState.Loading,
            node,
            total > 0 ? (double)done / total : null,
            last.State == StageState.Fetching ? StageProgressText.Remaining(last) : null,
            $"{node} is {StageProgressText.Of(last)}");
    }
}
