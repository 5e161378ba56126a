using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Tests.Engine.Model;

/// <summary>A table that becomes another one's copy: what it is told may come from anybody.</summary>
public sealed class BlockTableAdoptionTests
{
    private readonly List<(int Source, int Destination)> _copies = [];

    [Fact]
    public void Goes_on_as_the_other_one_would()
    {
        var (one, other) = (Create(), Create());
        one.Open(1);
        one.Append(1, 0, 6);
        one.Fork(2, 1, 6);
        one.Open(3);
        other.Adopt(one.Sequences);
        Assert.Equal(one.FreeBlocks, other.FreeBlocks);
        foreach (var table in (BlockTable[])[one, other])
        {
            _copies.Clear();
            table.Append(2, 6, 1);
            Assert.Equal(table.BlocksOf(1)[1], Assert.Single(_copies).Source);
            table.Append(3, 0, 17);
            Assert.Equal("kv_cache_full", Assert.Throws<EngineException>(() => table.Append(1, 6, 3)).Code);
            table.Close(1);
            table.Close(2);
            table.Close(3);
            Assert.Equal(8, table.FreeBlocks);
        }
    }

    [Theory]
    [InlineData(4, new[] { 8 })]
    [InlineData(4, new[] { -1 })]
    [InlineData(8, new[] { 1, 1 })]
    [InlineData(5, new[] { 1 })]
    [InlineData(0, new[] { 1 })]
    [InlineData(-1, new int[0])]
    [InlineData(int.MaxValue, new[] { 1, 2 })]
    public void Refuses_what_no_table_could_have(int length, int[] blocks)
    {
        var table = Create();
        Assert.Equal("invalid_sequences", Refused(table, new CachedSequence(1, 4, [2]), new CachedSequence(2, length, blocks)));
        Assert.Equal((0, 8), (table.SequenceCount, table.FreeBlocks));
    }

    [Fact]
    public void Refuses_a_sequence_that_comes_twice_and_any_where_one_is_open()
    {
        var table = Create();
        Assert.Equal("invalid_sequences", Refused(table, new CachedSequence(1, 0, []), new CachedSequence(1, 0, [])));
        table.Open(9);
        Assert.Equal("invalid_sequences", Refused(table, new CachedSequence(1, 0, [])));
    }

    private static string Refused(BlockTable table, params CachedSequence[] sequences) =>
        Assert.Throws<EngineException>(() => table.Adopt(sequences)).Code;

    private BlockTable Create() => new(8, blockLength: 4, (source, destination) => _copies.Add((source, destination)));
}
