namespace ManagedSwarm.Engine.Kernels.Packed;

/// <summary>A number of columns that the JIT knows: it drops what a smaller tile does not need.</summary>
internal interface IColumns
{
    static abstract int Count { get; }
}

internal readonly struct Columns1 : IColumns
{
    public static int Count => 1;
}

internal readonly struct Columns2 : IColumns
{
    public static int Count => 2;
}

internal readonly struct Columns3 : IColumns
{
    public static int Count => 3;
}

internal readonly struct Columns4 : IColumns
{
    public static int Count => 4;
}

internal readonly struct Columns5 : IColumns
{
    public static int Count => 5;
}

internal readonly struct Columns6 : IColumns
{
    public static int Count => 6;
}

internal readonly struct Columns7 : IColumns
{
    public static int Count => 7;
}

internal readonly struct Columns8 : IColumns
{
    public static int Count => 8;
}
