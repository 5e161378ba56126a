namespace ManagedSwarm.Tests.Gguf;

/// <summary>Keeps what it is told, at once and on the thread that tells.</summary>
internal sealed class Recorded<T>(Action<T>? also = null) : IProgress<T>
{
    public List<T> Values { get; } = [];

    public void Report(T value)
    {
        Values.Add(value);
        also?.Invoke(value);
    }
}
