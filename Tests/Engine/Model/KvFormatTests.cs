using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Model.KvFormats;

namespace ManagedSwarm.Tests.Engine.Model;

public sealed unsafe class KvFormatTests
{
    private const int GroupSize = 32;

    public static TheoryData<KvType, int, int> Shapes() => new MatrixTheoryData<KvType, int, int>(
        Enum.GetValues<KvType>(), [1, 16, 22, 33, 64, 80, 200], [1, 7, 32, 50]);

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Rows_and_columns_give_back_what_was_stored(KvType type, int headSize, int blockLength)
    {
        var format = KvFormat.Create(type, headSize, blockLength);
        var tokens = Tokens(headSize, blockLength, scale: 3f);
        var memory = new byte[(2 * format.BlockBytes) + KvFormat.Overread];
        fixed (byte* columns = memory)
        {
            var rows = columns + format.BlockBytes;
            for (var i = 0; i < blockLength; i++)
            {
                fixed (float* token = tokens[i])
                {
                    format.StoreColumn(token, columns, i);
                    format.StoreRow(token, rows, i);
                }
            }

            for (var i = 0; i < blockLength; i++)
            {
                RequireToken(format, type, columns, rows, tokens[i], i);
            }

            RequireTiles(format, columns, rows);
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Eight_bits_show_that_a_value_was_not_finite(float bad)
    {
        var format = KvFormat.Create(KvType.Q8_0, 64, 1);
        var values = Tokens(64, 1, 1f)[0];
        values[40] = bad;
        var stored = StoreAndLoad(format, values);
        Assert.All(stored[..32], value => Assert.True(float.IsFinite(value)));
        Assert.All(stored[32..], value => Assert.True(float.IsNaN(value)));
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(float.Epsilon)]
    [InlineData(1e-35f)]
    [InlineData(1e-20f)]
    [InlineData(3e38f)]
    public void Eight_bits_hold_very_small_and_very_large_values(float scale)
    {
        var format = KvFormat.Create(KvType.Q8_0, 32, 1);
        float[] values = [.. Enumerable.Range(0, 32).Select(i => (i - 16) / 16f * scale)];
        var stored = StoreAndLoad(format, values);
        Assert.All(stored, (value, i) => Assert.Equal(values[i], value, Math.Max(1e-30, scale / 127.0 * 0.51)));
    }

    [Fact]
    public void A_token_of_the_1_1_b_model_takes_so_many_bytes()
    {
        var config = new Kernels.Attention.HeadShape(32, 8, 64, 64).Config;
        Assert.Equal(16 * 8 * 128 * 2, KvCache.BytesPerToken(config, 16, KvType.F16));
        Assert.Equal(16 * 8 * 128 * 4, KvCache.BytesPerToken(config, 16, KvType.F32));
        Assert.Equal(16 * 8 * (128 + 16), KvCache.BytesPerToken(config, 16, KvType.Q8_0));
    }

    private static void RequireToken(KvFormat format, KvType type, byte* columns, byte* rows, float[] token, int position)
    {
        var (byColumn, byRow) = (new float[token.Length], new float[token.Length]);
        fixed (float* c = byColumn, r = byRow)
        {
            format.LoadColumn(columns, position, c);
            format.LoadRow(rows, position, r);
        }

        Assert.Equal(byColumn, byRow);
        for (var d = 0; d < token.Length; d++)
        {
            var group = token.Skip(d / GroupSize * GroupSize).Take(GroupSize);
            var tolerance = type switch
            {
                KvType.F32 => 0,
                KvType.F16 => Math.Abs(token[d]) / 2048,
                _ => group.Max(MathF.Abs) / 127 * 0.5001,
            };
            Assert.Equal(token[d], byRow[d], tolerance);
        }
    }

    /// <summary>All tiles have the values that one token after the other has.</summary>
    private static void RequireTiles(KvFormat format, byte* columns, byte* rows)
    {
        var padded = KvFormat.PaddedSize(format.HeadSize);
        var expected = new float[format.HeadSize];
        var (columnTile, rowTile) = (new float[format.HeadSize * KvFormat.TileLength], new float[padded * KvFormat.TileLength]);
        for (var first = 0; first < format.BlockLength; first += 5)
        {
            var count = Math.Min(KvFormat.TileLength, format.BlockLength - first);
            fixed (float* c = columnTile, r = rowTile, e = expected)
            {
                format.LoadColumns(columns, first, count, columns, c);
                format.LoadRows(rows, first, count, rows, r);
                for (var i = 0; i < count; i++)
                {
                    format.LoadRow(rows, first + i, e);
                    for (var d = 0; d < format.HeadSize; d++)
                    {
                        Assert.Equal(expected[d], c[(d * KvFormat.TileLength) + i]);
                        Assert.Equal(expected[d], r[(i * padded) + d]);
                    }
                }
            }
        }
    }

    private static float[] StoreAndLoad(KvFormat format, float[] values)
    {
        var memory = new byte[format.BlockBytes + KvFormat.Overread];
        var loaded = new float[values.Length];
        fixed (byte* block = memory)
        fixed (float* from = values, to = loaded)
        {
            format.StoreRow(from, block, 0);
            format.LoadRow(block, 0, to);
        }

        return loaded;
    }

    private static float[][] Tokens(int headSize, int count, float scale)
    {
        var random = new Random(headSize + count);
        return [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, headSize).Select(_ => (float)((random.NextDouble() * 2) - 1) * scale).ToArray())];
    }
}
