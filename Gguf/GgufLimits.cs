namespace ManagedSwarm.Gguf;

/// <summary>
/// What a file may ask for. All are far above any real model: they keep a hostile or damaged file from costing memory or time.
/// Independently of them, no length is believed that is larger than what is left of the file.
/// </summary>
public sealed record GgufLimits
{
    /// <summary>The limits that <see cref="GgufFile.Open"/> uses where it is given none.</summary>
    public static GgufLimits Default { get; } = new();

    /// <summary>Bytes of header, metadata and tensor table. The largest vocabularies need about 20 MB.</summary>
    public int MaxHeaderBytes { get; init; } = 256 << 20;

    /// <summary>Key-value pairs. Real files have fewer than 100.</summary>
    public int MaxMetadataCount { get; init; } = 65_536;

    /// <summary>Tensors of a file, and of all files of a split model. The largest mixture-of-experts models have a few thousand.</summary>
    public int MaxTensorCount { get; init; } = 1_000_000;

    /// <summary>Bytes of a key: the specification's 2^16 - 1.</summary>
    public int MaxKeyBytes { get; init; } = 65_535;

    /// <summary>Bytes of a string value. The longest real ones are chat templates, tens of kilobytes.</summary>
    public int MaxStringBytes { get; init; } = 64 << 20;

    /// <summary>Elements of an array value. The largest vocabularies have 262,144 tokens and twice as many merges.</summary>
    public int MaxArrayLength { get; init; } = 64 << 20;

    /// <summary>Bytes of a tensor's name: the specification's 64.</summary>
    public int MaxTensorNameBytes { get; init; } = 64;

    /// <summary>Bytes that tensor data may be aligned to: 32 by default, and nobody has use for more than a huge page.</summary>
    public int MaxAlignment { get; init; } = 2 << 20;
}
