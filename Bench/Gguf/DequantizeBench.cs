using BenchmarkDotNet.Attributes;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Bench.Gguf;

/// <summary>The scalar dequantizers: what the reference kernels spend per weight.</summary>
[MemoryDiagnoser]
public class DequantizeBench
{
    private const int Columns = 4096;

    private readonly float[] _row = new float[Columns];
    private byte[] _blocks = [];

    [ParamsAllValues]
    public TensorType Type { get; set; }

    [GlobalSetup]
    public void FillBlocks()
    {
        _blocks = new byte[Type.RowBytes(Columns)];
        new Random(1).NextBytes(_blocks);
    }

    [Benchmark(OperationsPerInvoke = Columns)]
    public void Dequantize() => BlockCodec.Dequantize(Type, _blocks, _row);
}
