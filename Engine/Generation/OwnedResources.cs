namespace ManagedSwarm.Engine.Generation;

/// <summary>Things that are disposed together, the last one first: each may need those that were there before it.</summary>
internal sealed class OwnedResources : IAsyncDisposable
{
    private readonly Stack<object> _resources = new();
    private int _disposed;

    /// <summary>Takes something over.</summary>
    public T Add<T>(T resource)
        where T : notnull
    {
        _resources.Push(resource);
        return resource;
    }

    /// <summary>Disposes everything once; what fails does not keep the others.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await DisposeNextAsync();
        }
    }

    private async ValueTask DisposeNextAsync()
    {
        if (!_resources.TryPop(out var resource))
        {
            return;
        }

        try
        {
            await (resource is IAsyncDisposable disposable ? disposable.DisposeAsync() : DisposeNow((IDisposable)resource));
        }
        finally
        {
            await DisposeNextAsync();
        }
    }

    private static ValueTask DisposeNow(IDisposable resource)
    {
        resource.Dispose();
        return ValueTask.CompletedTask;
    }
}
