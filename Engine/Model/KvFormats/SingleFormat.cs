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

    public override void LoadColumns(byte* block, int first, int count, byte* next, float* tile)
    {
        var from = (float*)block + first;
        var ahead = next - (byte*)from;
        for (var d = 0; d < HeadSize; d++, from += BlockLength, tile += TileLength)
        {
            Fetch((byte*)from + ahead);
            Vector512.Load(from).Store(tile);
            if (count > Lanes)
            {
                Fetch((byte*)(from + Lanes) + ahead);
                Vector512.Load(from + Lanes).Store(tile + Lanes);
            }
        }
    }

    public override void LoadRows(byte* block, int first, int count, byte* next, float* tile)
    {
        var from = (float*)block + ((long)first * HeadSize);
        var ahead = next - (byte*)from;
        for (var i = 0; i < count; i++, from += HeadSize)
        {
            for (var d = 0; d < HeadSize; d += Lanes, tile += Lanes)
            {
                Fetch((byte*)(from + d) + ahead);
                Vector512.Load(from + d).Store(tile);
            }
        }
    }

    public override byte* ColumnAt(byte* block, int position) => (byte*)((float*)block + position);

    public override byte* RowAt(byte* block, int position) => (byte*)((float*)block + ((long)position * HeadSize));

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
