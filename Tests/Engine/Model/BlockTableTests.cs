using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Model;

namespace ManagedSwarm.Tests.Engine.Model;

public sealed class BlockTableTests
{
    private readonly List<(int Source, int Destination)> _copies = [];

    private BlockTable Create(int blocks = 8) => new(blocks, blockLength: 4, (source, destination) => _copies.Add((source, destination)));

    [Fact]
    public void Takes_one_block_per_started_page()
    {
        var table = Create();
        table.Open(1);
        table.Append(1, 0, 5);
        Assert.Equal(5, table.LengthOf(1));
        Assert.Equal(2, table.BlocksOf(1).Length);
        Assert.Equal(6, table.FreeBlocks);
    }

    [Fact]
    public void A_fork_shares_all_blocks_until_one_of_the_two_writes()
    {
        var table = Create();
        table.Open(1);
        table.Append(1, 0, 6);
        table.Fork(2, 1, 6);
        Assert.Equal(table.BlocksOf(1), table.BlocksOf(2));
        Assert.Equal(6, table.FreeBlocks);

        var shared = table.BlocksOf(1)[1];
        table.Append(2, 6, 1);
        Assert.Equal(table.BlocksOf(1)[0], table.BlocksOf(2)[0]);
        Assert.Equal([(shared, table.BlocksOf(2)[1])], _copies);

        table.Append(1, 6, 1);
        Assert.Equal(shared, table.BlocksOf(1)[1]);
        Assert.Single(_copies);
    }

    [Fact]
    public void A_fork_of_whole_pages_copies_nothing()
    {
        var table = Create();
        table.Open(1);
        table.Append(1, 0, 8);
        table.Fork(2, 1, 8);
        table.Append(2, 8, 1);
        table.Append(1, 8, 1);
        Assert.Empty(_copies);
        Assert.NotEqual(table.BlocksOf(1)[2], table.BlocksOf(2)[2]);
    }

    [Fact]
    public void A_step_that_is_sent_again_changes_nothing()
    {
        var table = Create();
        table.Open(1);
        table.Append(1, 0, 6);
        var before = table.BlocksOf(1).ToArray();
        table.Append(1, 4, 2);
        table.Append(1, 4, 2);
        Assert.Equal(6, table.LengthOf(1));
        Assert.Equal(before, table.BlocksOf(1));
    }

    [Fact]
    public void Truncating_below_a_fork_and_writing_leaves_the_fork_alone()
    {
        var table = Create();
        table.Open(1);
        table.Append(1, 0, 8);
        table.Fork(2, 1, 8);
        var forked = table.BlocksOf(2).ToArray();
        table.Append(1, 2, 3);
        Assert.Equal(forked, table.BlocksOf(2));
        Assert.DoesNotContain(table.BlocksOf(1)[0], forked);
        Assert.DoesNotContain(table.BlocksOf(1)[1], forked);
    }

    [Fact]
    public void Closing_all_sequences_frees_all_blocks()
    {
        var table = Create();
        table.Open(1);
        table.Append(1, 0, 10);
        table.Fork(2, 1, 7);
        table.Append(2, 7, 6);
        table.Close(1);
        table.Close(2);
        Assert.Equal(8, table.FreeBlocks);
        Assert.Equal(0, table.SequenceCount);
    }

    [Fact]
    public void Closing_what_is_not_open_does_nothing()
    {
        var table = Create();
        table.Open(1);
        table.Append(1, 0, 3);
        table.Close(2);
        Assert.Equal(7, table.FreeBlocks);
        table.Close(1);
        table.Close(1);
        Assert.Equal(8, table.FreeBlocks);
    }

    [Fact]
    public void Rejects_a_gap_an_unknown_sequence_a_second_open_and_a_full_cache()
    {
        var table = Create(blocks: 2);
        table.Open(1);
        Assert.Equal("position_gap", Assert.Throws<EngineException>(() => table.Append(1, 1, 1)).Code);
        Assert.Equal("unknown_sequence", Assert.Throws<EngineException>(() => table.Append(7, 0, 1)).Code);
        Assert.Equal("sequence_exists", Assert.Throws<EngineException>(() => table.Open(1)).Code);
        Assert.Equal("kv_cache_full", Assert.Throws<EngineException>(() => table.Append(1, 0, 9)).Code);
    }

    [Fact]
    public void What_does_not_fit_takes_nothing_from_the_others()
    {
        var table = Create(blocks: 3);
        table.Open(1);
        table.Append(1, 0, 6);
        table.Fork(2, 1, 6);

        // One block is free; the fork needs it for its copy of the shared one, and another for the tokens behind that.
        Assert.Equal("kv_cache_full", Assert.Throws<EngineException>(() => table.Append(2, 6, 3)).Code);
        Assert.Equal((1, 6), (table.FreeBlocks, table.LengthOf(2)));
        Assert.Empty(_copies);
        table.Append(2, 6, 2);
        Assert.Equal((0, 8), (table.FreeBlocks, table.LengthOf(2)));
    }

    [Fact]
    public void Counts_blocks_up_to_the_last_position()
    {
        var table = Create();
        table.Open(1);
        Assert.Equal("kv_cache_full", Assert.Throws<EngineException>(() => table.Append(1, 0, int.MaxValue)).Code);
    }

    [Fact]
    public void Random_operations_never_share_a_written_block_and_never_lose_one()
    {
        var random = new Random(7);
        var table = Create(blocks: 64);
        var open = new List<long>();
        for (var step = 0L; step < 5000; step++)
        {
            Act(table, random, open, step);
            var used = open.SelectMany(sequence => table.BlocksOf(sequence).ToArray()).Distinct().Count();
            Assert.Equal(64 - used, table.FreeBlocks);
        }
    }

    private static void Act(BlockTable table, Random random, List<long> open, long step)
    {
        var any = open.Count == 0 ? -1 : open[random.Next(open.Count)];
        switch (random.Next(4))
        {
            case 0 when open.Count < 6:
                table.Open(step);
                open.Add(step);
                break;
            case 1 when any >= 0 && open.Count < 6:
                table.Fork(step, any, random.Next(table.LengthOf(any) + 1));
                open.Add(step);
                break;
            case 2 when any >= 0:
                var position = random.Next(table.LengthOf(any) + 1);
                table.Append(any, position, 1 + random.Next(Math.Max(1, Math.Min(9, 36 - position))));
                var last = table.BlocksOf(any)[^1];
                Assert.DoesNotContain(open.Where(other => other != any), other => table.BlocksOf(other).Contains(last));
                break;
            case 3 when any >= 0:
                table.Close(any);
                open.Remove(any);
                break;
            default:
                break;
        }
    }
}
