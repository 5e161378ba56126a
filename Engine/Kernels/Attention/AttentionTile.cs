using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Model.KvFormats;

namespace ManagedSwarm.Engine.Kernels.Attention;

/// <summary>
/// The rows of one part, span after span: scores against tiles of keys, softmax, and sums of tiles of values. A tile is loaded once for all
/// rows. Nothing that a row does not see gets into its results, whatever it is.
/// </summary>
internal readonly unsafe ref struct AttentionTile
{
    private const int RowGroup = AttentionShape.RowGroup;

    private readonly AttentionShape _shape;
    private readonly AttentionScratch _scratch;
    private readonly KvCache _cache;
    private readonly int _layer;
    private readonly int _kvHead;
    private readonly int _rowCount;
    private readonly ReadOnlySpan<int> _blocks;

    public AttentionTile(AttentionShape shape, AttentionScratch scratch, KvCache cache, int layer, in AttentionPart part)
    {
        (_shape, _scratch, _cache, _layer) = (shape, scratch, cache, layer);
        (_kvHead, _rowCount) = (part.KvHead, part.RowCount);
        _blocks = cache.BlocksOf(part.Sequence);
        for (var row = 0; row < AttentionShape.MaxRows; row++)
        {
            // Rows that fill a group up see what the last one sees.
            var index = part.FirstRow + Math.Min(row, part.RowCount - 1);
            scratch.Visible[row] = part.FirstPosition + (index / shape.GroupSize) + 1;
        }
    }

    /// <summary>Whether a row sees anything of a span.</summary>
    public bool Sees(int row, int span) => _scratch.Visible[row] > span * AttentionShape.SpanLength;

    /// <summary>Scales the rows' queries and puts groups of four side by side.</summary>
    /// <param name="row">A row.</param>
    /// <param name="query">Its query: (keySize)</param>
    public void SetQuery(int row, float* query)
    {
        var (group, lane) = Math.DivRem(row, RowGroup);
        var packed = _scratch.Queries + (group * RowGroup * _shape.KeySize) + lane;
        for (var d = 0; d < _shape.KeySize; d++)
        {
            packed[d * RowGroup] = query[d] * _shape.Scale;
        }
    }

    /// <summary>Computes the states of all rows that see a span.</summary>
    /// <param name="span">The span.</param>
    /// <param name="states">(rows rounded up to groups, state)</param>
    public void RunSpan(int span, float* states)
    {
        var start = span * AttentionShape.SpanLength;
        var end = Math.Min(start + AttentionShape.SpanLength, _scratch.Visible[_rowCount - 1]);
        Score(start, end);
        for (var row = 0; row < _rowCount; row++)
        {
            var count = Math.Min(_scratch.Visible[row], end) - start;
            if (count > 0)
            {
                RowState.Begin(_scratch.Scores + (row * AttentionShape.ScoreStride), count, states + (row * _shape.StateSize));
            }
        }

        Sum(start, end, states);
    }

    private void Score(int start, int end)
    {
        for (int position = start, count; position < end; position += count)
        {
            count = TileAt(position, end, out var block, out var inBlock);
            var next = position + count < end ? KeysAt(position + count) : ValuesAt(start);
            _cache.KeyFormat.LoadColumns(_cache.KeysAt(_layer, block, _kvHead), inBlock, count, next, _scratch.Tile);
            for (var row = 0; row < _rowCount; row += RowGroup)
            {
                if (_scratch.Visible[row + RowGroup - 1] <= position)
                {
                    continue;
                }

                var scores = _scratch.Scores + (row * AttentionShape.ScoreStride) + (position - start);
                var queries = _scratch.Queries + (row * _shape.KeySize);
                if (row == _rowCount - 1)
                {
                    ScoreKernel.One(queries, _scratch.Tile, _shape.KeySize, scores);
                }
                else
                {
                    ScoreKernel.Four(queries, _scratch.Tile, _shape.KeySize, scores);
                }
            }
        }
    }

    private void Sum(int start, int end, float* states)
    {
        // Rows that fill a group up have sums that nobody reads, but old memory in them could make them slow.
        for (var row = 0; row < ((_rowCount + RowGroup - 1) & ~(RowGroup - 1)); row++)
        {
            new Span<float>(RowState.ValuesOf(states + (row * _shape.StateSize)), _shape.PaddedValueSize).Clear();
        }

        for (int position = start, count; position < end; position += count)
        {
            count = TileAt(position, end, out var block, out var inBlock);
            var next = position + count < end ? ValuesAt(position + count) : KeysAt(Math.Min(end, _scratch.Visible[_rowCount - 1] - 1));
            _cache.ValueFormat.LoadRows(_cache.ValuesAt(_layer, block, _kvHead), inBlock, count, next, _scratch.Tile);
            for (var row = 0; row < _rowCount; row += RowGroup)
            {
                SumGroup(row, position, count, _scratch.Scores + (row * AttentionShape.ScoreStride) + (position - start), states);
            }
        }
    }

    /// <summary>Positions that all rows of a group see, together; what only some of them see, row by row.</summary>
    private void SumGroup(int firstRow, int position, int count, float* weights, float* states)
    {
        var size = _shape.PaddedValueSize;
        var sums = RowState.ValuesOf(states + (firstRow * _shape.StateSize));
        var rows = Math.Min(RowGroup, _rowCount - firstRow);
        var shared = 0;
        if (rows > 1)
        {
            shared = Math.Clamp(_scratch.Visible[firstRow] - position, 0, count);
            ValueKernel.Four(weights, _scratch.Tile, shared, size, sums, _shape.StateSize);
        }

        for (var row = 0; row < rows; row++)
        {
            var own = Math.Min(_scratch.Visible[firstRow + row] - position, count) - shared;
            if (own > 0)
            {
                ValueKernel.One(
                    weights + (row * AttentionShape.ScoreStride) + shared,
                    _scratch.Tile + (shared * size),
                    own,
                    size,
                    sums + (row * _shape.StateSize));
            }
        }
    }

    /// <summary>The tile that begins at a position: it ends with the block, or with the tile that the format can load.</summary>
    private int TileAt(int position, int end, out int block, out int inBlock)
    {
        var length = _cache.KeyFormat.BlockLength;
        block = _blocks[position / length];
        inBlock = position % length;
        return Math.Min(Math.Min(KvFormat.TileLength, length - inBlock), end - position);
    }

    private byte* KeysAt(int position) => _cache.KeyFormat.ColumnAt(
        _cache.KeysAt(_layer, _blocks[position / _cache.KeyFormat.BlockLength], _kvHead), position % _cache.KeyFormat.BlockLength);

    private byte* ValuesAt(int position) => _cache.ValueFormat.RowAt(
        _cache.ValuesAt(_layer, _blocks[position / _cache.KeyFormat.BlockLength], _kvHead), position % _cache.KeyFormat.BlockLength);
}
