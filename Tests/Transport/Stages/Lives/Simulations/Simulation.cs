using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Stages;
using ManagedSwarm.Transport.Stages.Lives;

namespace ManagedSwarm.Tests.Transport.Stages.Lives.Simulations;

/// <summary>A head and its workers on a simulated network, on which things go wrong just before certain messages arrive.</summary>
internal sealed class Simulation : IDisposable
{
    public const int HiddenSize = 2;
    public const int FirstEpoch = 7;
    public const int Steps = 25;
    public const int LoggedTokens = 2_048;

    private readonly Queue<Strike> _strikes;
    private readonly List<SimulatedWorker> _workers = [];

    /// <param name="seed">Of delays, steps and layers.</param>
    /// <param name="stages">How many there are at the beginning.</param>
    /// <param name="strikes">What goes wrong, in order.</param>
    public Simulation(int seed, int stages, params IEnumerable<Strike> strikes)
    {
        (Seed, Random, _strikes) = (seed, new Random(seed), new(strikes));
        ChainStage[] first = [.. Enumerable.Range(0, stages).Select(stage => Create(new LayerRange(stage * 3, 3)))];
        Head = new SimulatedHead(this, first);
        Place(first);
    }

    public static StageOptions Options { get; } = new() { Recovery = TimeSpan.FromSeconds(60) };

    public int Seed { get; }

    public Random Random { get; }

    public SimulatedTime Time { get; } = new();

    public SimulatedHead Head { get; }

    /// <summary>All that there ever were.</summary>
    public IReadOnlyList<SimulatedWorker> Workers => _workers;

    /// <summary>Messages that have arrived since the chain first ran: before, a loss is the end of it.</summary>
    public int Messages { get; private set; }

    /// <summary>Until all steps have an outcome, and then to the end of everything.</summary>
    public void Run()
    {
        for (var second = 0; second < 300 && !Head.IsDone; second++)
        {
            Time.RunUntil(Time.Now + TimeSpan.FromSeconds(1));
        }

        Head.Life.Close();
        Time.RunUntil(Time.Now + TimeSpan.FromSeconds(10));
    }

    public void Dispose() => _workers.ForEach(worker => worker.Dispose());

    public SimulatedWorker WorkerOf(ChainStage stage) => _workers.Single(worker => worker.Place == stage);

    public ISimulatedEnd EndOf(PeerId id) => id == SimulatedHead.Id ? Head : _workers.Single(worker => worker.Id == id);

    /// <summary>Layers for one or two new nodes.</summary>
    public IEnumerable<ChainStage> Divide(LayerRange layers)
    {
        var first = layers.Count > 1 && Random.Next(3) == 0 ? Random.Next(1, layers.Count) : layers.Count;
        yield return Create(new LayerRange(layers.First, first));
        if (first < layers.Count)
        {
            yield return Create(new LayerRange(layers.First + first, layers.Count - first));
        }
    }

    /// <summary>New nodes take these layers.</summary>
    public void Place(IEnumerable<ChainStage> stages)
    {
        foreach (var stage in stages)
        {
            _workers.Add(new SimulatedWorker(this, stage, (byte)_workers.Count));
        }
    }

    /// <summary>Opens a stream to somebody.</summary>
    public SimulatedStream Open(int epoch, ISimulatedEnd end, Action opened, Action<StageFault> failed)
    {
        SimulatedStream? link = null;
        link = new SimulatedStream(this, failed, reason => end.LosePrevious(epoch, reason));
        link.Send(fromDialer: true, () =>
        {
            var refusal = end.TryAttach(epoch, link);
            link.Send(fromDialer: false, refusal is null ? opened : () => failed(refusal));
        });
        return link;
    }

    /// <summary>A message arrives: now, just before it does, things go wrong.</summary>
    public void CountMessage()
    {
        Messages += Head.HasRun ? 1 : 0;
        while (_strikes.TryPeek(out var strike) && Head.HasRun && strike.Message <= Messages && strike.Fault != Fault.LoadFails)
        {
            _strikes.Dequeue();
            if (strike.Fault == Fault.HeadCloses)
            {
                Head.Life.Close();
            }
            else
            {
                // Also those that are to take layers over, or that others still take from.
                var stages = Head.Life.AllStages;
                WorkerOf(stages[strike.Stage % stages.Count]).Strike(strike.Fault);
            }
        }
    }

    /// <summary>Whether a fault of this kind strikes just now.</summary>
    public bool Happens(Fault fault)
    {
        var happens = _strikes.TryPeek(out var strike) && strike.Fault == fault && Head.HasRun && strike.Message <= Messages;
        return happens && _strikes.TryDequeue(out _);
    }

    private ChainStage Create(LayerRange layers) => new("node", layers, Options, Time.Now);
}
