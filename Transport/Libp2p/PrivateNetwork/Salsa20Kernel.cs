namespace ManagedSwarm.Transport.Libp2p.PrivateNetwork;

/// <summary>XORs Salsa20's blocks to bytes.</summary>
/// <param name="diagonals">The sixteen words before the first round, as <see cref="Salsa20Blocks{TLanes}"/> orders them; the block's number is 0 in them.</param>
/// <param name="block">The first block's number.</param>
/// <param name="data">A multiple of <see cref="Salsa20Kernels.BatchLength"/>.</param>
internal delegate void Salsa20Kernel(ReadOnlySpan<uint> diagonals, ulong block, Span<byte> data);
