using System.Runtime.Intrinsics;

namespace ManagedSwarm.Engine.Model.KvFormats;

/// <summary>f32, as computed.</summary>
internal sealed unsafe class SingleFormat(int headSize, int blockLength) : KvFormat(headSize, blockLength)
{
    protected override long BytesPerToken => (long)HeadSize * sizeof(float);

    public override void StoreColumn(float* values, byte* block, int position)
    {
        var to = (float*)block + position;
        for (var d = 0; d < HeadSize; d++)
        {
            to[(long)d * BlockLength] = values[d];
        }
    }

    public override void StoreRow(float* values, byte* block, int position) =>
        new ReadOnlySpan<float>(values, HeadSize).CopyTo(new Span<float>((float*)block + ((long)position * HeadSize), HeadSize));

    public override void LoadColumns(byte* block, int first, int count, float* tile)
    {
        var from = (float*)block + first;
        for (var d = 0; d < HeadSize; d++, from += BlockLength, tile += TileLength)
        {
            Vector512.Load(from).Store(tile);
            if (count > Lanes)
            {
                Vector512.Load(from + Lanes).Store(tile + Lanes);
            }
        }
    }

    public override void LoadRows(byte* block, int first, int count, float* tile)
    {
        var from = (float*)block + ((long)first * HeadSize);
        for (var i = 0; i < count; i++, from += HeadSize)
        {
            for (var d = 0; d < HeadSize; d += Lanes, tile += Lanes)
            {
                Vector512.Load(from + d).Store(tile);
            }
        }
    }

    public override void LoadColumn(byte* block, int position, float* values)
    {
        var from = (float*)block + position;
        for (var d = 0; d < HeadSize; d++)
        {
            values[d] = from[(long)d * BlockLength];
        }
    }

    public override void LoadRow(byte* block, int position, float* values) =>
        new ReadOnlySpan<float>((float*)block + ((long)position * HeadSize), HeadSize).CopyTo(new Span<float>(values, HeadSize));
}
