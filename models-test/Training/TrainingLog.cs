using System.Diagnostics;
using System.Globalization;

namespace ManagedSwarm.ModelsTest.Training;

/// <summary>How training goes: the loss of each step, and that of held-out tales now and then, in nats per token.</summary>
internal sealed class TrainingLog
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly List<float> _losses = [];
    private readonly List<(int Step, float Loss)> _heldOut = [];

    public float LastLoss => _losses[^1];

    public void Add(float loss) => _losses.Add(loss);

    /// <summary>Takes the loss of held-out tales after the last step.</summary>
    /// <param name="loss">Theirs.</param>
    /// <param name="steps">How many of the last steps' losses are averaged beside it.</param>
    /// <returns>A line that says so.</returns>
    public string AddHeldOut(float loss, int steps)
    {
        _heldOut.Add((_losses.Count, loss));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"step {_losses.Count}, {_clock.Elapsed.TotalSeconds:F0} s: loss {_losses.TakeLast(steps).Average():F4}, on held-out pairs {loss:F4}");
    }

    public void SavePlot(string path) => LossPlot.Save(path, _losses, _heldOut);
}
