using ManagedSwarm.Transport.Weights;

namespace ManagedSwarm.Tests.Transport.Weights;

public sealed class PieceScheduleTests
{
    [Fact]
    public void Each_piece_is_with_one_source_at_a_time()
    {
        var schedule = Of(4, sources: 2);
        Assert.Equal([new(0, 0), new(0, 1), new(0, 2), new(0, 3)], [Take(schedule, 0), Take(schedule, 1), Take(schedule, 1), Take(schedule, 0)]);
        Assert.False(schedule.TryTake(0, out _));
        Assert.Equal((4, 0), (schedule.Left, schedule.Pending.Count));
    }

    [Fact]
    public void A_piece_that_did_not_come_is_the_next_ones()
    {
        var schedule = Of(3, sources: 2);
        var lost = Take(schedule, 0);
        schedule.Return(lost);
        schedule.Leave(0);
        Assert.False(schedule.TryTake(0, out _));
        Assert.Equal(lost, Take(schedule, 1));
    }

    [Fact]
    public void A_source_without_a_blob_is_asked_for_others()
    {
        var schedule = new PieceSchedule([new(0, 0), new(0, 1), new(1, 0)], sources: 2);
        schedule.Refuse(0, Take(schedule, 0));
        Assert.Equal(new(1, 0), Take(schedule, 0));
        Assert.False(schedule.TryTake(0, out _));
        Assert.Equal(new(0, 0), Take(schedule, 1));
    }

    [Fact]
    public void It_is_over_when_all_is_done()
    {
        var schedule = Of(1, sources: 2);
        var piece = Take(schedule, 0);
        Assert.False(schedule.IsOver(1));
        schedule.Done(piece);
        Assert.True(schedule.IsOver(0));
        Assert.True(schedule.IsOver(1));
    }

    [Fact]
    public void It_is_over_when_nobody_is_left_who_might_have_a_piece()
    {
        var schedule = Of(1, sources: 3);
        schedule.Refuse(0, Take(schedule, 0));
        Assert.False(schedule.IsOver(0));
        schedule.Refuse(1, Take(schedule, 1));
        Assert.False(schedule.IsOver(0));
        var held = Take(schedule, 2);
        schedule.Leave(2);
        Assert.False(schedule.IsOver(0));
        schedule.Return(held);
        Assert.True(schedule.IsOver(0));
        Assert.Single(schedule.Pending);
    }

    [Fact]
    public async Task Whoever_waits_is_told_of_each_change()
    {
        var schedule = Of(2, sources: 1);
        var piece = Take(schedule, 0);
        var changed = schedule.Changed;
        Assert.False(changed.IsCompleted);
        schedule.Return(piece);
        await changed;
        Assert.False(schedule.Changed.IsCompleted);
    }

    private static PieceSchedule Of(int pieces, int sources) => new(Enumerable.Range(0, pieces).Select(piece => new PendingPiece(0, piece)), sources);

    private static PendingPiece Take(PieceSchedule schedule, int source)
    {
        Assert.True(schedule.TryTake(source, out var piece));
        return piece;
    }
}
