using System.Runtime.CompilerServices;

namespace ManagedSwarm.Gguf.Blocks;

/// <summary>Four bytes within a block.</summary>
[InlineArray(4)]
public struct Bytes4
{
    private byte _first;
}

/// <summary>Twelve bytes within a block.</summary>
[InlineArray(12)]
public struct Bytes12
{
    private byte _first;
}

/// <summary>16 bytes within a block.</summary>
[InlineArray(16)]
public struct Bytes16
{
    private byte _first;
}

/// <summary>32 bytes within a block.</summary>
[InlineArray(32)]
public struct Bytes32
{
    private byte _first;
}

/// <summary>64 bytes within a block.</summary>
[InlineArray(64)]
public struct Bytes64
{
    private byte _first;
}

/// <summary>128 bytes within a block.</summary>
[InlineArray(128)]
public struct Bytes128
{
    private byte _first;
}

/// <summary>16 signed bytes within a block.</summary>
[InlineArray(16)]
public struct SBytes16
{
    private sbyte _first;
}

/// <summary>32 signed bytes within a block.</summary>
[InlineArray(32)]
public struct SBytes32
{
    private sbyte _first;
}
