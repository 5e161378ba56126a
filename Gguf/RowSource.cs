namespace ManagedSwarm.Gguf;

/// <summary>Gives one row of a tensor as floats.</summary>
/// <param name="row">Which row, from 0.</param>
/// <param name="destination">As many elements as the tensor has columns; to be filled.</param>
public delegate void RowSource(long row, Span<float> destination);
