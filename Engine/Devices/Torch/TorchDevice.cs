using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using TorchSharp;

namespace ManagedSwarm.Engine.Devices.Torch;

/// <summary>
/// libtorch, on the CPU as the numeric oracle, or on a GPU. Weights are dequantized to f32 and all arithmetic is f32.
/// Not batch-invariant: its matrix products choose their order of summation by the shape of the batch.
/// </summary>
public sealed class TorchDevice : IDevice
{
    private readonly torch.Device _device;

    /// <param name="kind"><see cref="DeviceKind.TorchCpu"/> or <see cref="DeviceKind.Cuda"/>.</param>
    /// <param name="threads">Compute threads on the CPU, for the whole process; 0: one per core.</param>
    /// <exception cref="EngineException"><c>torch_unavailable</c>: libtorch is not there or does not load, or there is no CUDA.</exception>
    public TorchDevice(DeviceKind kind, int threads = 0)
    {
        Kind = kind switch
        {
            DeviceKind.TorchCpu => "torch-cpu",
            DeviceKind.Cuda => "cuda",
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not a device of libtorch"),
        };
        TorchRuntime.EnsureLoaded(kind == DeviceKind.Cuda);
        _device = Open(kind, threads);
    }

    public string Kind { get; }

    public bool IsBatchInvariant => false;

    public IStage CreateStage(ModelWeights weights, LayerRange layers, KvCacheOptions kvCache, LoadMonitor? monitor = null) =>
        new TorchStage(weights, layers, kvCache, _device, monitor ?? LoadMonitor.Silent);

    public IHead CreateHead(ModelWeights weights, LoadMonitor? monitor = null) => new TorchHead(weights, _device, monitor ?? LoadMonitor.Silent);

    public void Dispose()
    {
        if (OperatingSystem.IsLinux())
        {
            LibC.Trim();
        }
    }

    // Apart from the constructor, so that nothing of TorchSharp is initialised before libtorch is loaded.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static torch.Device Open(DeviceKind kind, int threads)
    {
        torch.set_num_threads(threads > 0 ? threads : Environment.ProcessorCount);
        if (kind == DeviceKind.TorchCpu)
        {
            return torch.CPU;
        }

        return torch.cuda.is_available()
            ? torch.CUDA
            : throw new EngineException("torch_unavailable", "libtorch finds no CUDA device on this machine");
    }
}
