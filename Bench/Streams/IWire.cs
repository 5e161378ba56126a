namespace ManagedSwarm.Bench.Streams;

/// <summary>What all stacks have: bytes in order, in both directions.</summary>
internal interface IWire
{
    /// <returns>How many bytes have come; 0: no more will.</returns>
    ValueTask<int> ReadAsync(Memory<byte> buffer);

    /// <summary>Writes all bytes.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> buffer);

    /// <summary>Closes this side's direction, waits until the other side has closed its own, and lets go.</summary>
    ValueTask CloseAsync();
}
