using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using static TorchSharp.torch;

namespace ManagedSwarm.Engine.Devices.Torch;

/// <summary>Rotary position embedding of one step's tokens, the same for all layers.</summary>
internal sealed class TorchRotation
{
    private readonly RopeKind _kind;
    private readonly int _pairs;
    private readonly Tensor _cosines; // (tokens, 1, pairs)
    private readonly Tensor _sines;

    public TorchRotation(RopeTable table, StepBatch batch, Device device)
    {
        (_kind, _pairs) = (table.Kind, table.PairCount);
        var cosines = new float[batch.TokenCount * _pairs];
        var sines = new float[cosines.Length];
        var offset = 0;
        foreach (var segment in batch.Segments)
        {
            for (var i = 0; i < segment.TokenCount; i++, offset += _pairs)
            {
                table.Fill(segment.FirstPosition + i, cosines.AsSpan(offset), sines.AsSpan(offset));
            }
        }

        _cosines = TorchTransfer.ToTensor(cosines, batch.TokenCount, _pairs, device).unsqueeze(1);
        _sines = TorchTransfer.ToTensor(sines, batch.TokenCount, _pairs, device).unsqueeze(1);
    }

    /// <summary>(tokens, heads, headSize); dimensions beyond the rotated pairs stay.</summary>
    public Tensor Apply(Tensor heads)
    {
        var (tokens, headCount, headSize) = (heads.shape[0], heads.shape[1], heads.shape[2]);

        // A pair's two numbers are neighbours, or half of the rotated dimensions apart.
        var axis = _kind == RopeKind.Normal ? 3 : 2;
        long[] shape = _kind == RopeKind.Normal ? [tokens, headCount, _pairs, 2] : [tokens, headCount, 2, _pairs];
        var pairs = heads.narrow(2, 0, 2 * _pairs).reshape(shape);
        var (x, y) = (pairs.select(axis, 0), pairs.select(axis, 1));
        var rotated = stack([(x * _cosines) - (y * _sines), (x * _sines) + (y * _cosines)], axis).reshape(tokens, headCount, 2 * _pairs);
        return headSize == 2 * _pairs ? rotated : cat([rotated, heads.narrow(2, 2 * _pairs, headSize - (2 * _pairs))], 2);
    }
}
