using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Stages.Control;
using ManagedSwarm.Transport.Stages.Links;
using ManagedSwarm.Transport.Stages.Lives;

namespace ManagedSwarm.Transport.Stages.Chains;

/// <summary>A stage of a chain, and the way to its worker.</summary>
/// <param name="assignment">Who has which layers.</param>
/// <param name="options">How long things may take.</param>
/// <param name="now">When it begins.</param>
internal sealed class WorkerStage(StageAssignment assignment, StageOptions options, TimeSpan now)
    : ChainStage(assignment.Node, assignment.Layers, options, now)
{
    private readonly Lock _gate = new();
    private ControlLink? _control;
    private bool _isGone;

    public StageAssignment Assignment { get; private set; } = assignment;

    /// <summary>Has a control stream from now on.</summary>
    /// <param name="control">Is this one's, unless false is returned.</param>
    /// <param name="heard">Is told what comes, one message at a time.</param>
    /// <param name="lost">Is told, once, when nothing more comes, and why.</param>
    /// <returns>False: the stage has gone meanwhile.</returns>
    public bool TryStart(ControlLink control, Action<ControlMessage> heard, Action<StageFault> lost)
    {
        lock (_gate)
        {
            if (_isGone)
            {
                return false;
            }

            _control = control;
            control.Start(heard, lost);
            return true;
        }
    }

    public override void Narrow(LayerRange layers)
    {
        base.Narrow(layers);
        Assignment = Assignment with { Layers = layers };
    }

    /// <summary>Sends to the worker, if there is a way.</summary>
    public void Post(ControlMessage message) => _control?.Post(message);

    /// <summary>Says what is still to be said, and closes the control stream.</summary>
    public async Task CloseAsync()
    {
        ControlLink? control;
        lock (_gate)
        {
            (_isGone, control, _control) = (true, _control, null);
        }

        await (control?.CloseAsync() ?? Task.CompletedTask);
    }
}
