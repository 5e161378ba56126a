using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;

namespace ManagedSwarm.Engine.Stages;

/// <summary>A stage's layers, with matrices in the form that its kernels compute with; owns these.</summary>
internal sealed class StageWeights : IDisposable
{
    private readonly List<Matrix> _matrices = [];

    private StageWeights()
    {
    }

    public LayerWeights<Matrix>[] Layers { get; private set; } = [];

    /// <summary>Loads the layers, one matrix after the other; where one of them fails, those before it are freed.</summary>
    public static StageWeights Load(ModelWeights model, LayerRange range, KernelSet kernels, LoadMonitor monitor)
    {
        var loaded = new StageWeights();
        try
        {
            // Found first, all of them: a file that lacks one is refused before the others are read.
            LayerWeights<WeightMatrix>[] found = [.. Enumerable.Range(range.First, range.Count).Select(layer => LayerWeights.Load(model, layer))];
            loaded.Layers = [.. found.Select(layer => layer.Convert(source => loaded.Keep(kernels.Prepare(source, monitor))))];
            return loaded;
        }
        catch
        {
            loaded.Dispose();
            throw;
        }
    }

    /// <summary>Frees all layers but some, whose numbers begin at 0 from then on.</summary>
    public void KeepLayers(int first, int count)
    {
        foreach (var matrix in Layers[..first].Concat(Layers[(first + count)..]).SelectMany(layer => layer.Matrices))
        {
            _matrices.Remove(matrix);
            matrix.Dispose();
        }

        Layers = Layers[first..(first + count)];
    }

    public void Dispose()
    {
        _matrices.ForEach(matrix => matrix.Dispose());
        _matrices.Clear();
    }

    private Matrix Keep(Matrix matrix)
    {
        _matrices.Add(matrix);
        return matrix;
    }
}
