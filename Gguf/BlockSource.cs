namespace ManagedSwarm.Gguf;

/// <summary>Gives some rows of a tensor as the file stores them.</summary>
/// <param name="firstRow">The first of these rows.</param>
/// <param name="destination">A whole number of rows, each of <see cref="TensorTypes.RowBytes"/> bytes; to be filled.</param>
public delegate void BlockSource(long firstRow, Memory<byte> destination);
