using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Stages;
using ManagedSwarm.Transport.Stages.Lives;

namespace ManagedSwarm.Tests.Transport.Stages.Lives.Simulations;

/// <content>How keys and values come from one worker to another.</content>
internal sealed partial class SimulatedWorker
{
    private readonly List<SimulatedStream> _moves = [];
    private StageLinks? _given;

    void IPlanOutput.Give(int epoch, IReadOnlyList<PeerId> takers)
    {
        _pass = null;
        _queue.Clear();
        EndLinks();
        BehindStep(() =>
        {
            _given = _links;
            _life.Given(epoch, Now);
        });
    }

    /// <summary>Takes the keys and values of one stage after the other, and then its place.</summary>
    private void Take(StageLinks links, int next)
    {
        if (next == links.Takes.Count)
        {
            _life.Prepared(links.Epoch, 100, Now);
            return;
        }

        var take = links.Takes[next];
        var giver = (SimulatedWorker)_simulation.EndOf(take.From.Id);
        SimulatedStream? link = null;
        var isOver = false;
        void Lose(StageFault reason) => Do(() =>
        {
            if (!isOver)
            {
                _life.StreamLost(links.Epoch, links.Stage, reason, Now);
            }
        });
        link = new SimulatedStream(_simulation, Lose, _ => { });
        _moves.Add(link);
        giver._moves.Add(link);
        link.Send(fromDialer: true, () => giver.Do(() =>
        {
            // Whoever has another place by now has nothing to give any more.
            if (giver._given is null || giver.IsGone || (giver._given.Epoch, giver._given.Stage) != (take.Epoch, take.Stage))
            {
                link.Break();
                return;
            }

            var sequences = giver.Stage.Sequences;
            link.Send(fromDialer: false, () => Do(() =>
            {
                if (_links != links || IsGone || giver._given is null)
                {
                    Lose(new("stream_reset", "simulated"));
                    return;
                }

                isOver = true;
                Copy(giver.Stage, sequences, take.Layers, isFirst: next == 0);
                Take(links, next + 1);
            }));
        }));
    }

    private void Copy(HistoryStage from, IReadOnlyList<CachedSequence> sequences, LayerRange layers, bool isFirst)
    {
        if (isFirst)
        {
            Stage.Adopt(sequences);
            _runner.Adopted(sequences.Select(sequence => sequence.Id));
        }

        var bytes = new byte[from.BlockBytes];
        for (var layer = layers.First; layer < layers.End; layer++)
        {
            foreach (var block in sequences.SelectMany(sequence => sequence.Blocks))
            {
                from.ReadBlock(layer, block, bytes);
                Stage.WriteBlock(layer, block, bytes);
            }
        }
    }
}
