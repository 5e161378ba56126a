using System.Diagnostics.CodeAnalysis;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Engine.Model;

/// <summary>A model's read-only part: its tensors and what its metadata say. Stages take the tensors that they need from it.</summary>
public sealed class ModelWeights
{
    public ModelWeights(ITensorStore file)
    {
        File = file;
        if (file.Tensors.Count == 0)
        {
            throw new EngineException("no_weights", $"{file.Path} holds a vocabulary only (no tensors); a model with weights is needed");
        }

        Config = ModelConfig.FromMetadata(file.Metadata);
    }

    /// <summary>The open file, or whatever else has the tensors; stages may keep pointers into it, so it outlives them.</summary>
    public ITensorStore File { get; }

    /// <summary>The model's shape.</summary>
    public ModelConfig Config { get; }

    /// <summary>A tensor that the model cannot do without.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="dimensions">The sizes it must have, ggml's order (row length first).</param>
    /// <exception cref="EngineException"><c>invalid_model</c>: it is missing, or its shape is another one.</exception>
    public TensorInfo Require(string name, params ReadOnlySpan<long> dimensions) =>
        TryGet(name, out var tensor, dimensions)
            ? tensor
            : throw new EngineException("invalid_model", $"{File.Path}: tensor '{name}' is missing");

    /// <summary>A tensor that the model may have.</summary>
    /// <exception cref="EngineException"><c>invalid_model</c>: its shape is not the expected one.</exception>
    public bool TryGet(string name, [NotNullWhen(true)] out TensorInfo? tensor, params ReadOnlySpan<long> dimensions)
    {
        if (!File.TryGetTensor(name, out tensor))
        {
            return false;
        }

        if (!SameShape(tensor, dimensions))
        {
            throw new EngineException(
                "invalid_model",
                $"{File.Path}: tensor '{name}' is [{string.Join(", ", tensor.Dimensions)}]; expected [{string.Join(", ", dimensions.ToArray())}]");
        }

        return true;
    }

    /// <summary>All elements of a tensor as floats, row after row.</summary>
    /// <exception cref="EngineException"><c>invalid_model</c>: one of them is NaN or infinite.</exception>
    public float[] ReadFloats(TensorInfo tensor)
    {
        var columns = checked((int)tensor.Columns);
        var values = new float[checked(tensor.Rows * columns)];
        for (var row = 0L; row < tensor.Rows; row++)
        {
            var part = values.AsSpan(checked((int)row * columns), columns);
            BlockCodec.Dequantize(tensor.Type, File.GetRow(tensor, row), part);
            for (var column = 0; column < columns; column++)
            {
                if (!float.IsFinite(part[column]))
                {
                    throw NotFinite(File, tensor, row, column, 1);
                }
            }
        }

        return values;
    }

    /// <summary>All elements of a tensor that the model may have; empty where it has not.</summary>
    public float[] ReadOptionalFloats(string name, params ReadOnlySpan<long> dimensions) =>
        TryGet(name, out var tensor, dimensions) ? ReadFloats(tensor) : [];

    /// <summary>The angles of this model's rotary embedding.</summary>
    /// <exception cref="EngineException"><c>invalid_model</c></exception>
    internal RopeTable CreateRopeTable() =>
        new(Config.Rope, ReadOptionalFloats("rope_freqs.weight", Config.Rope.DimensionCount / 2));

    /// <summary>Says that some elements of a row have NaN or infinity among them, with which no reply would make sense.</summary>
    internal static EngineException NotFinite(ITensorStore file, TensorInfo tensor, long row, int firstColumn, int count) => new(
        "invalid_model",
        $"{file.Path}: tensor '{tensor.Name}', row {row}, columns {firstColumn} to {firstColumn + count - 1}: an element is no finite number");

    // ggml drops trailing sizes of 1, so both are compared without them.
    private static bool SameShape(TensorInfo tensor, ReadOnlySpan<long> expected)
    {
        var count = Math.Max(tensor.Dimensions.Length, expected.Length);
        for (var i = 0; i < count; i++)
        {
            var found = i < tensor.Dimensions.Length ? tensor.Dimensions[i] : 1;
            if (found != (i < expected.Length ? expected[i] : 1))
            {
                return false;
            }
        }

        return true;
    }
}
