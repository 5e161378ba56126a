using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Transport.Stages.Lives;

/// <content>
/// Layers that change hands while all live. Those that come load meanwhile. Then no step is sent until all that were have their answers; the
/// old stages say that they compute nothing any more; the new ones take keys and values of their layers from them, byte by byte, and have
/// their places when they have them. Whoever has layers before and keeps some of them goes on with these. Where keys and values cannot be
/// moved, or anything goes wrong on the way, those that come are told all sequences anew, as behind a loss.
/// </content>
internal sealed partial class ChainLife
{
    // Old stages that have no place any more, and that others still take from.
    private readonly List<ChainStage> _givers = [];

    private HandOver? _handOver;

    /// <summary>The stages, those that are to take some of their places, and those that others still take from.</summary>
    public IReadOnlyList<ChainStage> AllStages => [.. _stages, .. _handOver?.Coming ?? [], .. _givers];

    /// <summary>Whether steps wait for those that are under way, as layers are about to change hands: <see cref="Settled"/> is called for.</summary>
    public bool IsDraining => _handOver is { IsDraining: true };

    private bool IsMoving => State == ChainState.Giving || _stages.Exists(stage => stage.Takes.Count > 0);

    /// <summary>Stages hand their layers to others, which load while those go on, and take over between two steps.</summary>
    /// <param name="old">Stages that follow each other.</param>
    /// <param name="stages">Who takes their layers, in order; those that are not among the old ones load from now on.</param>
    /// <param name="kept">Old ones among them, which go on with a part of their layers, and which; null: none does.</param>
    /// <returns>False: that is not possible now.</returns>
    public bool HandOver(
        IReadOnlyList<ChainStage> old, IReadOnlyList<ChainStage> stages, IReadOnlyDictionary<ChainStage, LayerRange>? kept = null)
    {
        var first = _stages.IndexOf(old[0]);
        if (State != ChainState.Running || _handOver is not null || first < 0 || !_stages.Skip(first).Take(old.Count).SequenceEqual(old))
        {
            return false;
        }

        _handOver = new HandOver(old, stages, kept ?? new Dictionary<ChainStage, LayerRange>());
        return true;
    }

    /// <summary>A step's answer has come, and whoever waits for it, or remembers it, has been told: where it was the last one, layers change hands.</summary>
    public void Settled(TimeSpan now)
    {
        if (State != ChainState.Running || !IsDraining || _handOver is not { } coming || _steps.Any(step => step.WasSent))
        {
            return;
        }

        coming.FindTakes();
        if (coming.Takes.Count == 0)
        {
            SwitchBetweenSteps(coming, now);
            return;
        }

        (State, _linking) = (ChainState.Giving, now);
        foreach (var giver in coming.Givers)
        {
            giver.Pulse.Said(now);
            _output.Give(giver, coming.TakersOf(giver));
        }
    }

    /// <summary>Between two steps, those that take layers over take the places of those that hand them over.</summary>
    private void SwitchIfReady(TimeSpan now)
    {
        if (State != ChainState.Running || _handOver is not { IsDraining: false } coming || coming.Coming.Any(stage => stage.Ready is null))
        {
            return;
        }

        coming.FindTakes();
        if (coming.Takes.Count == 0 && coming.Kept.Count == 0)
        {
            SwitchBetweenSteps(coming, now);
            return;
        }

        coming.IsDraining = true;
        Settled(now);
    }

    private void Given(ChainStage stage, int epoch, TimeSpan now)
    {
        if (State == ChainState.Giving && epoch == Epoch && _handOver is { } coming)
        {
            coming.Gives(stage);
            if (coming.IsGiving)
            {
                SwitchBetweenSteps(coming, now);
            }
        }
    }

    private void SwitchBetweenSteps(HandOver coming, TimeSpan now)
    {
        var isDrained = coming.IsDraining;
        Stop(now);
        Switch(coming, isDrained);
        PrepareIfReady(now);
    }

    /// <param name="coming">Who takes over.</param>
    /// <param name="isDrained">Whether all steps that were sent have their answers: else who keeps layers has to be told what it knows anew.</param>
    private void Switch(HandOver coming, bool isDrained)
    {
        _handOver = null;
        var givers = coming.Givers.ToHashSet();
        foreach (var stage in coming.Old.Except(coming.Stages).Where(stage => !stage.IsLost))
        {
            if (givers.Contains(stage))
            {
                _givers.Add(stage);
            }
            else
            {
                LetGo(stage);
            }
        }

        foreach (var (stage, takes) in coming.Takes)
        {
            stage.Takes = takes;
        }

        foreach (var (stage, layers) in coming.Kept)
        {
            stage.Narrow(layers);
            stage.IsFresh |= !isDrained;
        }

        Replace(_stages.IndexOf(coming.Old[0]), coming.Old.Count, coming.Stages);
        _output.HandedOver();
    }

    private void GiveUpHandOver(StageFault reason, TimeSpan now)
    {
        var coming = _handOver!;
        _handOver = null;
        foreach (var stage in coming.Coming)
        {
            LetGo(stage);
        }

        _output.HandOverFailed(reason);
        if (State == ChainState.Giving)
        {
            // They have stopped already: they begin again as they were.
            Stop(now);
            PrepareIfReady(now);
        }
        else if (coming.IsDraining)
        {
            _output.Started();
        }
    }

    /// <summary>Keys and values do not come, or no longer: who waits for them is told all sequences anew.</summary>
    private void StopMoving(TimeSpan now)
    {
        if (State == ChainState.Giving)
        {
            _handOver!.DropTakes();
            SwitchBetweenSteps(_handOver, now);
            return;
        }

        if (State == ChainState.Preparing && IsMoving)
        {
            Stop(now);
        }

        DropTakes();
        PrepareIfReady(now);
    }

    private void DropTakes()
    {
        if (_handOver is { } coming)
        {
            coming.IsDraining = false;
        }

        foreach (var stage in _stages)
        {
            stage.Takes = [];
        }

        LetGoOfGivers();
    }

    private void LetGoOfGivers()
    {
        foreach (var stage in _givers)
        {
            LetGo(stage);
        }

        _givers.Clear();
    }
}
