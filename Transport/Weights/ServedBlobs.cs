using System.Diagnostics.CodeAnalysis;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Transport.Weights;

/// <summary>What this node can send: the tensors of its open models, and what is in its cache. Safe for use by many threads.</summary>
/// <param name="cache">Null: there is none.</param>
internal sealed class ServedBlobs(BlobCache? cache)
{
    private readonly Lock _gate = new();
    private readonly List<Dictionary<string, ServedBlob>> _models = [];

    /// <summary>Serves a model's tensors until what is returned is disposed. The model may be closed at any time.</summary>
    public IDisposable Add(ITensorStore store, PieceHashes hashes)
    {
        var model = new Dictionary<string, ServedBlob>(StringComparer.Ordinal);
        foreach (var tensor in store.Tensors)
        {
            model.TryAdd(hashes.Tensors[tensor.Name].BlobId, new ServedBlob.OfTensor(store, tensor));
        }

        lock (_gate)
        {
            _models.Add(model);
        }

        return new Registration(this, model);
    }

    /// <summary>Finds a blob; to be disposed after use.</summary>
    public bool TryOpen(string id, [NotNullWhen(true)] out ServedBlob? blob)
    {
        lock (_gate)
        {
            foreach (var model in _models)
            {
                if (model.TryGetValue(id, out blob))
                {
                    return true;
                }
            }
        }

        blob = cache?.TryOpen(id) is { } handle ? new ServedBlob.OfFile(handle) : null;
        return blob is not null;
    }

    private void Remove(Dictionary<string, ServedBlob> model)
    {
        lock (_gate)
        {
            _models.Remove(model);
        }
    }

    private sealed class Registration(ServedBlobs blobs, Dictionary<string, ServedBlob> model) : IDisposable
    {
        public void Dispose() => blobs.Remove(model);
    }
}
