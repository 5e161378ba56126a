using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Devices.Torch;
using ManagedSwarm.Engine.Generation;

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
            return new CpuDevice();
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
