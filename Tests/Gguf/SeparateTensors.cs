using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Gguf;

/// <summary>Tensors of a model in files of their own.</summary>
internal static class SeparateTensors
{
    /// <summary>Writes those tensors and opens what was written.</summary>
    public static TensorFiles Write(GgufFile file, IEnumerable<TensorInfo> tensors, TemporaryFolder folder, IDisposable? lease = null)
    {
        List<TensorInfo> chosen = [.. tensors];
        foreach (var tensor in chosen)
        {
            File.WriteAllBytes(folder.File(tensor.Name), TensorReading.ReadBytes(file, tensor));
        }

        return TensorFiles.Open(GgufSkeleton.Read(GgufSkeleton.Write(file, chosen)), "a model", tensor => folder.File(tensor.Name), lease);
    }
}
