namespace ManagedSwarm.Engine.Tokenization;

/// <summary>What holds where a file does not say: llama.cpp's defaults for the kind of tokenizer.</summary>
internal sealed record TokenizerDefaults
{
    public int? Bos { get; init; }

    public int? Eos { get; init; }

    public int? Unknown { get; init; }

    public bool AddBos { get; init; }

    public bool AddSpacePrefix { get; init; }
}
