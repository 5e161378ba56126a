using System.Globalization;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.ModelsTest;

/// <summary>Which type a matrix gets.</summary>
internal static class MatrixTypes
{
    public static TensorType Choose(ModelShape shape, string name, int columns)
    {
        var (layer, role) = Split(name);
        if (!shape.TypeOverrides.TryGetValue(name, out var type) && !shape.TypeOverrides.TryGetValue(role, out type))
        {
            type = shape.Mixed && IsSensitive(shape, layer, role) ? TensorType.Q6_K : shape.Type;
        }

        return Fit(type, columns);
    }

    /// <summary>
    /// The output matrix (or the embedding that stands for it), and attn_v and ffn_down of the first and last eighth of the layers
    /// and of every third between: what llama.cpp's Q4_K_M has in Q6_K (<c>use_more_bits</c>).
    /// </summary>
    private static bool IsSensitive(ModelShape shape, int layer, string role) => role switch
    {
        "output.weight" => true,
        "token_embd.weight" => shape.TiedEmbeddings,
        "attn_v.weight" or "ffn_down.weight" => layer < shape.LayerCount / 8
            || layer >= 7 * shape.LayerCount / 8
            || (layer - (shape.LayerCount / 8)) % 3 == 2,
        _ => false,
    };

    private static TensorType Fit(TensorType type, int columns)
    {
        if (columns % type.BlockLength() == 0)
        {
            return type;
        }

        return columns % TensorType.Q8_0.BlockLength() == 0 ? TensorType.Q8_0 : TensorType.F16;
    }

    /// <summary><c>blk.7.ffn_up.weight</c>: 7 and <c>ffn_up.weight</c>.</summary>
    private static (int Layer, string Role) Split(string name)
    {
        var parts = name.Split('.', 3);
        return parts[0] == "blk" ? (int.Parse(parts[1], CultureInfo.InvariantCulture), parts[2]) : (-1, name);
    }
}
