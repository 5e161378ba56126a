using System.Runtime.InteropServices;
using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Model;

namespace ManagedSwarm.Transport.Frames;

/// <summary>
/// What decides a stage's last bits. Two stages that differ in it work together, but not with the promise that a split model computes
/// exactly what a whole one does.
/// </summary>
/// <param name="KernelContract">The version of the order in which kernels add.</param>
/// <param name="Device">The kind of device and of processor, for example <c>cpu-x64</c>.</param>
/// <param name="KvType">What the KV cache holds, for example <c>f16</c>.</param>
/// <param name="WireType">What activations are sent as: <c>f32</c>, <c>f16</c>, <c>q8</c>.</param>
public sealed record NumericIdentity(int KernelContract, string Device, string KvType, string WireType)
{
    /// <summary>To be raised with each change of a kernel that changes a bit of a result.</summary>
    public const int CurrentContract = 1;

    /// <summary>That of a device of this process.</summary>
    public static NumericIdentity Of(IDevice device, KvType kvType, WireType wire)
    {
        var processor = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        return new(CurrentContract, $"{device.Kind}-{processor}", kvType.ToString().ToLowerInvariant(), wire.ToString().ToLowerInvariant());
    }
}
