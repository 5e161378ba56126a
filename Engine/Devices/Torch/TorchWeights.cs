using System.Runtime.InteropServices;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using static TorchSharp.torch;

namespace ManagedSwarm.Engine.Devices.Torch;

/// <summary>Puts a model's weights on a device, as f32, and owns them there.</summary>
internal sealed class TorchWeights : IDisposable
{
    private readonly List<Tensor> _tensors = [];

    private readonly LoadMonitor _monitor;

    private TorchWeights(Device device, LoadMonitor monitor) => (Device, _monitor) = (device, monitor);

    /// <summary>Where the weights are.</summary>
    public Device Device { get; }

    /// <summary>Runs <paramref name="load"/>, and frees what it made where it fails.</summary>
    public static (TorchWeights Owner, T Loaded) Load<T>(Device device, LoadMonitor monitor, Func<TorchWeights, T> load)
    {
        var owner = new TorchWeights(device, monitor);
        try
        {
            using var scope = new TorchScope();
            return (owner, load(owner));
        }
        catch (ExternalException exception)
        {
            owner.Dispose();
            throw TorchScope.Failure(exception);
        }
        catch
        {
            owner.Dispose();
            throw;
        }
    }

    /// <summary>A matrix with its bias.</summary>
    public TorchMatrix Matrix(WeightMatrix matrix) =>
        new(Keep(TorchTransfer.ToTensor(matrix, Device, _monitor)), matrix.Bias.Length == 0 ? null : Vector(matrix.Bias));

    /// <summary>The norm with these weights: (hiddenSize).</summary>
    public TorchNorm Norm(float[] weights, float epsilon) => new(Vector(weights), Vector([epsilon]));

    /// <summary>Takes a tensor out of the running scope: it lives until this is disposed.</summary>
    public Tensor Keep(Tensor tensor)
    {
        _tensors.Add(tensor.DetachFromDisposeScope());
        return tensor;
    }

    public void Dispose()
    {
        foreach (var tensor in _tensors)
        {
            tensor.Dispose();
        }

        _tensors.Clear();
    }

    private Tensor Vector(float[] values) => Keep(TorchTransfer.ToTensor(values, 1, values.Length, Device).squeeze(0));
}
