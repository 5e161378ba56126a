using ManagedSwarm.Gguf;

namespace ManagedSwarm.ModelsTest.Training;

/// <summary>Writes a trained model as a GGUF file.</summary>
public static class ModelExport
{
    /// <summary>Writes a file.</summary>
    /// <param name="path">Where.</param>
    /// <param name="model">Its weights.</param>
    /// <param name="shape">Its shape, with the type that the matrices get; norms stay F32.</param>
    /// <param name="vocabulary">Its tokens.</param>
    public static void Save(string path, TrainingModel model, ModelShape shape, VocabularyTable vocabulary)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(shape);
        var writer = new GgufWriter();
        ModelMetadata.Add(writer, shape, "tells short tales; trained by models-test on tales of its own making", vocabulary, addSpacePrefix: false);
        foreach (var (name, weight) in model.Weights)
        {
            var columns = (int)weight.shape[^1];
            if (weight.dim() == 1)
            {
                writer.AddTensor(name, TensorType.F32, [columns], model.Values(name));
            }
            else
            {
                writer.AddTensor(name, MatrixTypes.Choose(shape, name, columns), [columns, weight.shape[0]], model.Values(name));
            }
        }

        writer.Save(path);
    }
}
