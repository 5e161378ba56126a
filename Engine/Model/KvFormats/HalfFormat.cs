using ManagedSwarm.Engine.Kernels;

namespace ManagedSwarm.Engine.Model.KvFormats;

/// <summary>f16, rounded to nearest.</summary>
internal sealed unsafe class HalfFormat(int headSize, int blockLength) : KvFormat(headSize, blockLength)
{
    private const int Chunk = 128;

    protected override long BytesPerToken => (long)HeadSize * sizeof(ushort);

    public override void StoreColumn(float* values, byte* block, int position)
    {
        var halves = stackalloc Half[Chunk];
        var to = (Half*)block + position;
        for (var start = 0; start < HeadSize; start += Chunk)
        {
            var count = Math.Min(Chunk, HeadSize - start);
            HalfConversion.ToHalf(values + start, halves, count);
            for (var d = 0; d < count; d++, to += BlockLength)
            {
                *to = halves[d];
            }
        }
    }

    public override void StoreRow(float* values, byte* block, int position) =>
        HalfConversion.ToHalf(values, (Half*)block + ((long)position * HeadSize), HeadSize);

    public override void LoadColumns(byte* block, int first, int count, byte* next, float* tile)
    {
        var from = (Half*)block + first;
        var ahead = next - (byte*)from;
        if (count <= Lanes)
        {
            for (var d = 0; d < HeadSize; d++, from += BlockLength, tile += TileLength)
            {
                Fetch((byte*)from + ahead);
                HalfConversion.Load(from, tile);
            }

            return;
        }

        for (var d = 0; d < HeadSize; d++, from += BlockLength, tile += TileLength)
        {
            Fetch((byte*)from + ahead);
            HalfConversion.LoadTwice(from, tile);
        }
    }

    public override void LoadRows(byte* block, int first, int count, byte* next, float* tile)
    {
        var from = (Half*)block + ((long)first * HeadSize);
        var ahead = next - (byte*)from;
        for (var i = 0; i < count; i++, from += HeadSize)
        {
            var d = 0;
            for (; d < HeadSize - Lanes; d += 2 * Lanes, tile += 2 * Lanes)
            {
                Fetch((byte*)(from + d) + ahead);
                HalfConversion.LoadTwice(from + d, tile);
            }

            for (; d < HeadSize; d += Lanes, tile += Lanes)
            {
                Fetch((byte*)(from + d) + ahead);
                HalfConversion.Load(from + d, tile);
            }
        }
    }

    public override byte* ColumnAt(byte* block, int position) => (byte*)((Half*)block + position);

    public override byte* RowAt(byte* block, int position) => (byte*)((Half*)block + ((long)position * HeadSize));

    public override void LoadColumn(byte* block, int position, float* values)
    {
        var halves = stackalloc Half[Chunk];
        var from = (Half*)block + position;
        for (var start = 0; start < HeadSize; start += Chunk)
        {
            var count = Math.Min(Chunk, HeadSize - start);
            for (var d = 0; d < count; d++, from += BlockLength)
            {
                halves[d] = *from;
            }

            HalfConversion.ToSingle(halves, values + start, count);
        }
    }

    public override void LoadRow(byte* block, int position, float* values) =>
        HalfConversion.ToSingle((Half*)block + ((long)position * HeadSize), values, HeadSize);
}
