namespace ManagedSwarm.Transport.Frames;

/// <summary>
/// What decides a stage's last bits. Two stages that differ in it work together, but not with the promise that a split model computes
/// exactly what a whole one does.
/// </summary>
/// <param name="KernelContract">The version of the order in which kernels add.</param>
/// <param name="Device">The kind of device, for example <c>cpu</c>.</param>
/// <param name="KvType">What the KV cache holds, for example <c>f16</c>.</param>
/// <param name="WireType">What activations are sent as: <c>f32</c>.</param>
internal sealed record NumericIdentity(int KernelContract, string Device, string KvType, string WireType);
