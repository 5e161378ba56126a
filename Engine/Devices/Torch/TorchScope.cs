using System.Runtime.InteropServices;
using TorchSharp;

namespace ManagedSwarm.Engine.Devices.Torch;

/// <summary>
/// A stretch of work in libtorch: without gradients, and with every tensor freed at its end that was made in it and not kept.
/// Both are states of the thread, so nothing may be awaited within.
/// </summary>
internal readonly ref struct TorchScope
{
    private readonly IDisposable _inference;
    private readonly DisposeScope _tensors;

    public TorchScope()
    {
        _inference = torch.inference_mode();
        _tensors = torch.NewDisposeScope();
    }

    /// <summary>What is thrown where libtorch fails; its own message has a stack of C++ functions behind the first line.</summary>
    public static EngineException Failure(ExternalException exception) =>
        new("torch_failed", $"libtorch: {exception.Message.Split('\n', 2)[0]}", exception);

    public void Dispose()
    {
        _tensors.Dispose();
        _inference.Dispose();
    }
}
