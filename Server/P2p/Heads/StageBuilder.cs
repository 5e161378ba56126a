using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Stages;
using ManagedSwarm.Transport.Weights;
using ChainStage = ManagedSwarm.Transport.Stages.StageAssignment;
using PlannedStage = ManagedSwarm.Engine.Planning.StageAssignment;

namespace ManagedSwarm.Server.P2p.Heads;

/// <summary>Makes the stages of a plan: those here by the device, and those of workers that follow each other as one chain.</summary>
/// <param name="swarm">Who is there.</param>
/// <param name="node">This node's streams of steps.</param>
/// <param name="request">What stages are made from.</param>
/// <param name="model">What workers need to know of the file.</param>
/// <param name="settings">What the user asked for.</param>
/// <param name="time">The clock.</param>
internal sealed class StageBuilder(
    ISwarm swarm, StageNode node, StageRequest request, ModelBytes model, HeadSettings settings, TimeProvider time)
{
    private readonly string _self = swarm.Self.ToString();

    /// <summary>Loads all stages, side by side.</summary>
    /// <param name="plan">Who has which layers.</param>
    /// <param name="places">Who takes layers that are lost.</param>
    /// <param name="device">Of this node.</param>
    /// <param name="monitor">Told what is loaded here.</param>
    /// <param name="progress">Told how far the workers are.</param>
    /// <param name="cancellationToken">Gives up; then, as with any error, nothing is left behind.</param>
    public async Task<BuiltStages> BuildAsync(
        SplitPlan plan,
        IStagePlaces places,
        IDevice device,
        LoadMonitor monitor,
        IProgress<ChainProgress> progress,
        CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var loads = PartsOf(plan).Select(part => LoadAsync(part, places, device, monitor, progress, end)).ToList();
        try
        {
            var stages = await Task.WhenAll(loads);
            StageChain[] chains = [.. stages.OfType<StageChain>()];
            return new(plan, stages is [var only] ? only : new Pipeline(stages), chains, [.. stages.OfType<TimedStage>()]);
        }
        catch
        {
            foreach (var load in loads.Where(load => load.IsCompletedSuccessfully))
            {
                await (await load).DisposeAsync();
            }

            throw;
        }
    }

    /// <summary>Consecutive stages that are elsewhere belong together.</summary>
    private IEnumerable<List<PlannedStage>> PartsOf(SplitPlan plan)
    {
        var part = new List<PlannedStage>();
        foreach (var stage in plan.Stages)
        {
            if (part.Count > 0 && (IsHere(stage) || IsHere(part[0])))
            {
                yield return part;
                part = [];
            }

            part.Add(stage);
        }

        yield return part;
    }

    private bool IsHere(PlannedStage stage) => stage.NodeId == _self;

    /// <summary>The first part that fails ends the others.</summary>
    private async Task<IStage> LoadAsync(
        List<PlannedStage> part,
        IStagePlaces places,
        IDevice device,
        LoadMonitor monitor,
        IProgress<ChainProgress> progress,
        CancellationTokenSource end)
    {
        try
        {
            return IsHere(part[0])
                ? await Task.Run(() => CreateHere(part[0], device, monitor), end.Token)
                : await StageChain.StartAsync(node, ChainOf(part, device), progress, places, end.Token);
        }
        catch
        {
            await end.CancelAsync();
            throw;
        }
    }

    private TimedStage CreateHere(PlannedStage stage, IDevice device, LoadMonitor monitor) =>
        new(device.CreateStage(request.Weights, stage.Layers, request.KvCache, monitor), time, node.Computed);

    private ChainPlan ChainOf(List<PlannedStage> part, IDevice device) => new()
    {
        ModelName = request.File.ModelName,
        ModelHash = model.Hash,
        LayerCount = request.Weights.Config.LayerCount,
        HiddenSize = request.Weights.Config.HiddenSize,
        KvCache = request.KvCache,
        Kernels = request.Options.Kernels,
        Wire = settings.Wire,
        Numerics = NumericIdentity.Of(device, request.KvCache.Type, settings.Wire),
        LoggedTokens = settings.LoggedTokensOf(request.KvCache.CapacityTokens, request.Weights.Config.HiddenSize),
        Stages = [.. part.Select(stage => StageOf(new(stage.NodeId, stage.Layers)))],
    };

    /// <summary>What a node needs to know to have a range of layers.</summary>
    public ChainStage StageOf(NodeRange stage)
    {
        var id = PeerId.Parse(stage.NodeId);
        var member = swarm.Members.FirstOrDefault(member => member.Id == id);
        return new()
        {
            Worker = new(id, member?.Facts.Addresses ?? []),
            Node = member?.Facts.Name ?? stage.NodeId,
            Layers = stage.Layers,
            Manifest = WeightManifest.Create(request.File, model.Hash, stage.Layers, model.Pieces).ToBytes(),
            Sources = [new(swarm.Self, swarm.Addresses), .. OthersWithWeights(id).Take(StageOffer.MaxSources - 1)],
        };
    }

    /// <summary>Lets a member fetch the weights of layers, and keep them.</summary>
    public Spare StartSpare(SwarmMember member, IReadOnlyList<LayerRange> layers)
    {
        ChainStage[] stages = [.. layers.Select(range => StageOf(new(member.Id.ToString(), range)))];
        return new Spare([.. stages.Select(stage => new StageStandby(node, stage.Worker, StandbyOf(stage)))]);
    }

    /// <summary>Whether a member holds just these layers of the model, or more: then it has their weights in its cache.</summary>
    public bool Holds(SwarmMember member, LayerRange range) => Enumerable.Range(range.First, range.Count).All(
        layer => member.Facts.Layers.Any(held => held.ModelHash == model.Hash && held.First <= layer && layer < held.End));

    private StageOffer StandbyOf(ChainStage stage) => new()
    {
        Plan = PlanId.Create(),
        ModelName = request.File.ModelName,
        ModelHash = model.Hash,
        Layers = stage.Layers,
        LayerCount = request.Weights.Config.LayerCount,
        HiddenSize = request.Weights.Config.HiddenSize,
        Manifest = stage.Manifest,
        KvCache = request.KvCache,
        IsStandby = true,
        Sources = stage.Sources,
    };

    private bool HasWeights(SwarmMember member) => member.Facts.Layers.Any(layers => layers.ModelHash == model.Hash);

    private IEnumerable<StagePeer> OthersWithWeights(PeerId worker) => swarm.Members
        .Where(member => !member.IsSelf && member.Id != worker && member.State == MemberState.Alive && HasWeights(member))
        .Select(member => new StagePeer(member.Id, member.Facts.Addresses));
}
