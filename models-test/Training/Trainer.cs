using ManagedSwarm.ModelsTest.Stories;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ManagedSwarm.ModelsTest.Training;

/// <summary>
/// Learns to predict the next token: AdamW (arXiv 1711.05101) with a warm-up, then a learning rate that falls along a cosine, and gradients
/// clipped to length 1.
/// </summary>
public sealed class Trainer : IDisposable
{
    private const int WarmUpSteps = 100;
    private const double WeightDecay = 0.1;
    private const double FinalShare = 0.05;

    private readonly TrainingModel _model;
    private readonly TrainingRows _rows;
    private readonly TrainingPlan _plan;
    private readonly optim.Optimizer _optimizer;
    private readonly Dice _dice;
    private readonly List<int> _order = [];

    public Trainer(TrainingModel model, TrainingRows rows, TrainingPlan plan)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(plan);
        (_model, _rows, _plan) = (model, rows, plan);
        _dice = new Dice(plan.Seed);
        var weights = model.Weights.Values;
        _optimizer = optim.AdamW(
            new AdamW.ParamGroup[]
            {
                new() { Parameters = weights.Where(weight => weight.dim() > 1), Options = Options(WeightDecay) },
                new() { Parameters = weights.Where(weight => weight.dim() == 1), Options = Options(0) },
            },
            plan.LearningRate);
    }

    /// <summary>How many steps were made.</summary>
    public int Step { get; private set; }

    /// <summary>Learns from the next rows.</summary>
    /// <returns>Their loss: nats per token.</returns>
    public float Next()
    {
        using var scope = NewDisposeScope();
        foreach (var group in _optimizer.ParamGroups)
        {
            group.LearningRate = LearningRate(Step);
        }

        _optimizer.zero_grad();
        using var loss = Loss(NextRows());
        loss.backward();
        _ = nn.utils.clip_grad_norm_(_model.Weights.Values, 1);
        _ = _optimizer.step();
        Step++;
        return loss.item<float>();
    }

    /// <summary>The loss of other rows, which nothing is learned from.</summary>
    public static float Evaluate(TrainingModel model, TrainingRows rows, int rowLength, int rowsPerStep)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var (sum, count) = (0.0, 0L);
        for (var first = 0; first < rows.Count; first += rowsPerStep)
        {
            using var scope = NewDisposeScope();
            using var noGradients = no_grad();
            var numbers = Enumerable.Range(first, Math.Min(rowsPerStep, rows.Count - first)).ToArray();
            var (inputs, targets) = ToTensors(rows, numbers, rowLength);
            var tokens = targets.ne(TrainingRows.NoTarget).sum().item<long>();
            sum += Loss(model, inputs, targets).item<float>() * (double)tokens;
            count += tokens;
        }

        return (float)(sum / count);
    }

    public void Dispose() => _optimizer.Dispose();

    private static AdamW.Options Options(double weightDecay) =>
        new() { weight_decay = weightDecay, beta1 = 0.9, beta2 = 0.95 };

    private double LearningRate(int step)
    {
        if (step < WarmUpSteps)
        {
            return _plan.LearningRate * (step + 1) / WarmUpSteps;
        }

        var progress = (double)(step - WarmUpSteps) / Math.Max(1, _plan.Steps - WarmUpSteps);
        return _plan.LearningRate * (FinalShare + ((1 - FinalShare) * 0.5 * (1 + Math.Cos(Math.PI * progress))));
    }

    private Tensor Loss(int[] rows)
    {
        var (inputs, targets) = ToTensors(_rows, rows, _plan.RowLength);
        return Loss(_model, inputs, targets);
    }

    private static Tensor Loss(TrainingModel model, Tensor inputs, Tensor targets)
    {
        var logits = model.Forward(inputs);
        return functional.cross_entropy(logits.view(-1, logits.shape[2]), targets.view(-1), ignore_index: TrainingRows.NoTarget);
    }

    private static (Tensor Inputs, Tensor Targets) ToTensors(TrainingRows rows, int[] numbers, int length)
    {
        var (inputs, targets) = (new long[numbers.Length * length], new long[numbers.Length * length]);
        for (var i = 0; i < numbers.Length; i++)
        {
            rows.CopyTo(numbers[i], inputs.AsSpan(i * length, length), targets.AsSpan(i * length, length));
        }

        return (tensor(inputs, numbers.Length, length), tensor(targets, numbers.Length, length));
    }

    /// <summary>All rows once, in a random order; then again in another one.</summary>
    private int[] NextRows()
    {
        var rows = new int[_plan.RowsPerStep];
        for (var i = 0; i < rows.Length; i++)
        {
            if (_order.Count == 0)
            {
                _order.AddRange(Enumerable.Range(0, _rows.Count));
                _dice.Shuffle(_order);
            }

            rows[i] = _order[^1];
            _order.RemoveAt(_order.Count - 1);
        }

        return rows;
    }
}
