using ManagedSwarm.Engine.Devices.Torch;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Tests.Fixtures;
using TorchSharp;

namespace ManagedSwarm.Tests.Engine.Devices.Torch;

public sealed class TorchRotationTests
{
    private const int Heads = 3;
    private const int HeadSize = 16;

    [Theory]
    [InlineData(RopeKind.Normal, 16)]
    [InlineData(RopeKind.Normal, 10)]
    [InlineData(RopeKind.NeoX, 16)]
    [InlineData(RopeKind.NeoX, 10)]
    public void Rotates_as_the_managed_kernels_do(RopeKind kind, int dimensions)
    {
        using var device = TestDevices.Open(DeviceKind.TorchCpu);
        var table = new RopeTable(new RopeConfig { Kind = kind, DimensionCount = dimensions }, []);
        using var batch = new StepBatch(0, 0, [], [new Segment(1, 7, 2), new Segment(2, 0, 3)], 1);
        var random = new Random(3);
        float[] values = [.. Enumerable.Range(0, batch.TokenCount * Heads * HeadSize).Select(_ => random.NextSingle() - 0.5f)];

        using var scope = new TorchScope();
        var heads = TorchTransfer.ToTensor(values, batch.TokenCount, Heads * HeadSize, torch.CPU).view(batch.TokenCount, Heads, HeadSize);
        var rotated = new float[values.Length];
        TorchTransfer.CopyTo(new TorchRotation(table, batch, torch.CPU).Apply(heads), rotated);

        var expected = RotateManaged(table, batch, values);
        Assert.Equal(expected, rotated, (x, y) => Math.Abs(x - y) <= 1e-6f);
    }

    private static unsafe float[] RotateManaged(RopeTable table, StepBatch batch, float[] values)
    {
        var rotated = values.ToArray();
        float[] cosines = new float[table.PairCount], sines = new float[table.PairCount];
        var token = 0;
        foreach (var segment in batch.Segments)
        {
            for (var i = 0; i < segment.TokenCount; i++, token++)
            {
                table.Fill(segment.FirstPosition + i, cosines, sines);
                fixed (float* heads = &rotated[token * Heads * HeadSize])
                {
                    Rotation.Apply(heads, Heads, HeadSize, table.Kind, cosines, sines);
                }
            }
        }

        return rotated;
    }
}
