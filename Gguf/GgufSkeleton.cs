namespace ManagedSwarm.Gguf;

/// <summary>
/// What must be known of a model to compute some of its layers, but for the tensors' bytes: its shape and a tensor table. As bytes it is the
/// header of a well-formed GGUF file (version 3) whose data are elsewhere.
/// </summary>
public sealed class GgufSkeleton
{
    private const string ArchitectureKey = "general.architecture";

    private const string TokensKey = "tokenizer.ggml.tokens";

    private GgufSkeleton(GgufHeader header) => (Metadata, Tensors) = (header.Metadata, header.Tensors);

    /// <summary>The limits that <see cref="Read"/> uses where it is given none: a skeleton has neither vocabulary nor chat template.</summary>
    public static GgufLimits Limits { get; } = new()
    {
        MaxHeaderBytes = 4 << 20,
        MaxMetadataCount = 1024,
        MaxTensorCount = 16 << 10,
        MaxKeyBytes = 1024,
        MaxStringBytes = 16 << 10,
        MaxArrayLength = 16 << 10,
        MaxAlignment = GgufHeader.DefaultAlignment,
    };

    /// <summary>The architecture, the model's name, and the architecture's own keys.</summary>
    public GgufMetadata Metadata { get; }

    /// <summary>The tensors, in order, at the places that they would have if their data followed.</summary>
    public IReadOnlyList<TensorInfo> Tensors { get; }

    /// <summary>Writes the skeleton of a part of a model.</summary>
    /// <param name="store">The model.</param>
    /// <param name="tensors">Those of its tensors that the part has.</param>
    /// <exception cref="GgufFormatException">The model does not say what architecture it has.</exception>
    public static byte[] Write(ITensorStore store, IEnumerable<TensorInfo> tensors)
    {
        using var stream = new MemoryStream();
        List<TensorDraft> drafts = [.. tensors.Select(tensor => new TensorDraft(tensor.Name, tensor.Type, tensor.Dimensions))];
        var length = HeaderWriter.Write(stream, GgufHeader.MaxVersion, ShapeOf(store.Metadata), drafts, GgufHeader.DefaultAlignment);
        HeaderWriter.Pad(stream, length, GgufHeader.DefaultAlignment);
        return stream.ToArray();
    }

    /// <summary>Reads a skeleton, which a stranger may have written.</summary>
    /// <param name="bytes">All of it.</param>
    /// <param name="limits">What it may ask for; null: <see cref="Limits"/>.</param>
    /// <exception cref="GgufFormatException">It is not well-formed, has more than its header, or asks for more than the limits allow.</exception>
    public static GgufSkeleton Read(ReadOnlySpan<byte> bytes, GgufLimits? limits = null)
    {
        limits ??= Limits;
        if (bytes.Length > limits.MaxHeaderBytes)
        {
            throw new GgufFormatException($"a skeleton has {bytes.Length} bytes, allowed are {limits.MaxHeaderBytes}", 0);
        }

        // The data are not here: their file could have any length.
        var header = GgufHeader.Parse(bytes, long.MaxValue, limits);
        return header.DataOffset == bytes.Length
            ? new(header)
            : throw new GgufFormatException($"a skeleton has {bytes.Length} bytes, its header ends at {header.DataOffset}", bytes.Length);
    }

    private static OrderedDictionary<string, object> ShapeOf(GgufMetadata metadata)
    {
        var architecture = metadata.Get<string>(ArchitectureKey);
        var shape = new OrderedDictionary<string, object>(StringComparer.Ordinal);
        foreach (var key in metadata.Keys)
        {
            if (key is ArchitectureKey or "general.name" || key.StartsWith(architecture + ".", StringComparison.Ordinal))
            {
                metadata.TryGetValue(key, out var value);
                shape[key] = value!;
            }
        }

        // The tokens themselves stay behind, but their number is part of the shape.
        if (metadata.TryGetValue(TokensKey, out var tokens) && tokens is Array { Length: var count })
        {
            shape[architecture + ".vocab_size"] = (uint)count;
        }

        return shape;
    }
}
