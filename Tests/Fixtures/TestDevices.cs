using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Devices.Torch;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Kernels;

namespace ManagedSwarm.Tests.Fixtures;

/// <summary>The devices that tests run on.</summary>
internal static class TestDevices
{
    /// <summary>Those that every machine should have.</summary>
    public static IReadOnlyList<DeviceKind> Kinds { get; } = [DeviceKind.Cpu, DeviceKind.TorchCpu];

    /// <summary>Opens a device; skips the running test where libtorch does not load.</summary>
    public static IDevice Open(DeviceKind kind)
    {
        if (kind == DeviceKind.Cpu)
        {
            // The judge: the fast kernels have tests of their own distance to it.
            return new CpuDevice(kernels: KernelKind.Reference);
        }

        try
        {
            // One thread: the models are tiny, other tests run beside, and OpenMP's barriers wait for both.
            return new TorchDevice(kind, threads: 1);
        }
        catch (EngineException exception) when (exception.Code == "torch_unavailable")
        {
            Assert.Skip(exception.Message);
            throw;
        }
    }
}
