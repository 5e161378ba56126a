using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Membership;
using static ManagedSwarm.Tests.Transport.Membership.MadeUpRecords;

namespace ManagedSwarm.Tests.Transport.Membership;

public sealed class LedgerTests
{
    private const int Self = 0;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly Ledger _ledger = new(Owner(Self), new LedgerLimits());

    [Fact]
    public void The_record_with_the_largest_number_is_held()
    {
        Assert.Equal(LedgerOutcome.New, _ledger.Apply(Record(1, 5), Second));
        Assert.Equal(LedgerOutcome.Known, _ledger.Apply(Record(1, 5), Second));
        Assert.Equal(LedgerOutcome.Updated, _ledger.Apply(Record(1, 9), Second));
        Assert.Equal(LedgerOutcome.Stale, _ledger.Apply(Record(1, 8), Second));
        Assert.Equal(LedgerOutcome.Stale, _ledger.Apply(Record(1, 5), Second));
        Assert.Equal(9ul, Assert.Single(_ledger.Records).Sequence);
        Assert.Equal("9", _ledger.Find(Owner(1))!.Facts.Name);
        Assert.Null(_ledger.Find(Owner(2)));
    }

    [Fact]
    public void A_record_runs_out_when_its_time_has_passed_since_it_was_received()
    {
        _ledger.Apply(Record(1, 1, seconds: 10), 100 * Second);
        _ledger.Apply(Record(2, 1, seconds: 30), 100 * Second);
        Assert.Equal(110 * Second, _ledger.NextExpiry);
        Assert.Empty(_ledger.Expire((110 * Second) - TimeSpan.FromTicks(1)));
        Assert.Equal(Owner(1), Assert.Single(_ledger.Expire(110 * Second)).Owner);
        Assert.Equal(Owner(2), Assert.Single(_ledger.Records).Owner);
        Assert.Equal(130 * Second, _ledger.NextExpiry);
        Assert.Empty(_ledger.Expire(110 * Second));
    }

    [Fact]
    public void A_newer_record_lives_from_when_it_came()
    {
        _ledger.Apply(Record(1, 1, seconds: 10), 0 * Second);
        _ledger.Apply(Record(1, 2, seconds: 10), 8 * Second);
        _ledger.Apply(Record(1, 2, seconds: 10), 16 * Second);
        Assert.Empty(_ledger.Expire(17 * Second));
        Assert.Single(_ledger.Expire(18 * Second));
    }

    [Fact]
    public void What_has_run_out_does_not_return_by_a_replay()
    {
        _ledger.Apply(Record(1, 5, seconds: 10), Second);
        Assert.Single(_ledger.Expire(20 * Second));
        Assert.Equal(LedgerOutcome.Stale, _ledger.Apply(Record(1, 5), 21 * Second));
        Assert.Equal(LedgerOutcome.Stale, _ledger.Apply(Record(1, 4), 21 * Second));
        Assert.Empty(_ledger.Compare([new(Owner(1), 5)]).Want);
        Assert.Equal(Owner(1), Assert.Single(_ledger.Compare([new(Owner(1), 6)]).Want));
        Assert.Equal(LedgerOutcome.New, _ledger.Apply(Record(1, 6), 21 * Second));
    }

    [Fact]
    public void An_older_record_does_not_bring_back_who_has_left()
    {
        _ledger.Apply(Record(1, 5), Second);
        Assert.Equal(LedgerOutcome.Updated, _ledger.Apply(Record(1, 6, seconds: 10, isTombstone: true), Second));
        Assert.Equal(LedgerOutcome.Stale, _ledger.Apply(Record(1, 5), Second));
        Assert.True(Assert.Single(_ledger.Records).IsTombstone);
        Assert.True(Assert.Single(_ledger.Compare([new(Owner(1), 5)]).Send).IsTombstone);
        Assert.Single(_ledger.Expire(20 * Second));
        Assert.Equal(LedgerOutcome.Stale, _ledger.Apply(Record(1, 5), 21 * Second));
        Assert.Equal(LedgerOutcome.New, _ledger.Apply(Record(1, 7), 21 * Second));
    }

    [Fact]
    public void Numbers_are_remembered_for_a_while_and_then_forgotten()
    {
        var limits = new LedgerLimits { RememberFor = 100 * Second };
        var ledger = new Ledger(Owner(Self), limits);
        ledger.Apply(Record(1, 5, seconds: 10), 0 * Second);
        ledger.Expire(10 * Second);
        Assert.Equal(110 * Second, ledger.NextExpiry);
        ledger.Expire(109 * Second);
        Assert.Equal(LedgerOutcome.Stale, ledger.Apply(Record(1, 5), 109 * Second));
        ledger.Expire(110 * Second);
        Assert.Equal(0, ledger.OwnerCount);
        Assert.Equal(LedgerOutcome.New, ledger.Apply(Record(1, 5), 110 * Second));
    }

    [Fact]
    public void Not_more_numbers_are_remembered_than_allowed()
    {
        var ledger = new Ledger(Owner(Self), new LedgerLimits { MaxMembers = 4, MaxRemembered = 10 });
        for (var i = 1; i <= 100; i++)
        {
            ledger.Apply(Record(i, 1, seconds: 1), i * Second);
            ledger.Expire((i + 1) * Second);
        }

        Assert.Equal(10, ledger.OwnerCount);
        Assert.Equal(LedgerOutcome.Stale, ledger.Apply(Record(100, 1), 200 * Second));
        Assert.Equal(LedgerOutcome.New, ledger.Apply(Record(1, 1), 200 * Second));
    }

    [Fact]
    public void A_full_ledger_keeps_those_that_are_nearest()
    {
        var ledger = new Ledger(Owner(Self), new LedgerLimits { MaxMembers = 16 });
        ledger.Apply(Record(Self, 1), Second);
        for (var i = 1; i <= 200; i++)
        {
            ledger.Apply(Record(i, 1), Second);
            ledger.Expire(Second);
            Assert.InRange(ledger.Records.Count, 1, 16);
        }

        var nearest = Enumerable.Range(Self, 201).Select(Owner).OrderBy(owner => OwnerDistance.Between(Owner(Self), owner)).Take(16);
        Assert.Equal(nearest.ToHashSet(), ledger.Records.Select(record => record.Owner).ToHashSet());
        Assert.NotNull(ledger.Find(Owner(Self)));
    }

    [Fact]
    public void Who_had_to_make_room_is_told_and_may_return_with_the_same_record()
    {
        var ledger = new Ledger(Owner(Self), new LedgerLimits { MaxMembers = 1 });
        var byDistance = new[] { 1, 2 }.OrderBy(number => OwnerDistance.Between(Owner(Self), Owner(number))).ToArray();
        Assert.Equal(LedgerOutcome.New, ledger.Apply(Record(byDistance[1], 7), Second));
        Assert.Equal(LedgerOutcome.New, ledger.Apply(Record(byDistance[0], 7), Second));
        Assert.Equal(Owner(byDistance[1]), Assert.Single(ledger.Expire(Second)).Owner);
        Assert.Equal(LedgerOutcome.Refused, ledger.Apply(Record(byDistance[1], 7), Second));
        Assert.Equal(LedgerOutcome.Stale, ledger.Apply(Record(byDistance[1], 6), Second));
        Assert.Empty(ledger.Compare([new(Owner(byDistance[1]), 9)]).Want);
        Assert.Single(ledger.Expire(100 * Second));
        Assert.Equal(LedgerOutcome.New, ledger.Apply(Record(byDistance[1], 7), 100 * Second));
    }

    [Fact]
    public void Made_up_owners_cost_no_more_memory_than_the_limits_allow()
    {
        var limits = new LedgerLimits { MaxMembers = 32, MaxRemembered = 64 };
        var ledger = new Ledger(Owner(Self), limits);
        ledger.Apply(Record(Self, 1), Second);
        for (var i = 1; i <= 20_000; i++)
        {
            ledger.Apply(Record(i, 1), Second);
            Assert.InRange(ledger.OwnerCount, 1, limits.MaxMembers + limits.MaxRemembered);
        }

        Assert.InRange(ledger.Expire(Second).Count, 1, limits.MaxMembers);
        Assert.NotNull(ledger.Find(Owner(Self)));
    }

    [Fact]
    public void An_owner_that_floods_is_slowed_down_and_costs_the_others_nothing()
    {
        var ledger = new Ledger(Owner(Self), new LedgerLimits { UpdateBurst = 4, UpdatesPerSecond = 2 });
        var taken = 0;
        for (var i = 1; i <= 1000; i++)
        {
            taken += ledger.Apply(Record(1, (ulong)i), Second) is LedgerOutcome.Refused ? 0 : 1;
        }

        Assert.Equal(4, taken);
        Assert.Equal(LedgerOutcome.New, ledger.Apply(Record(2, 1), Second));
        Assert.Equal(4ul, ledger.Find(Owner(1))!.Sequence);
        Assert.Equal(Owner(1), Assert.Single(ledger.Compare([new(Owner(1), 1000), new(Owner(2), 1)]).Want));
        Assert.Equal(LedgerOutcome.Updated, ledger.Apply(Record(1, 1000), 1.5 * Second));
        Assert.Equal(LedgerOutcome.Refused, ledger.Apply(Record(1, 1001), 1.5 * Second));
    }

    [Fact]
    public void Who_floods_may_still_leave_but_not_again_and_again()
    {
        var ledger = new Ledger(Owner(Self), new LedgerLimits { UpdateBurst = 4, UpdatesPerSecond = 2 });
        for (var i = 1; i <= 10; i++)
        {
            ledger.Apply(Record(1, (ulong)i), Second);
        }

        Assert.Equal(LedgerOutcome.Updated, ledger.Apply(Record(1, 11, isTombstone: true), Second));
        Assert.Equal(LedgerOutcome.Refused, ledger.Apply(Record(1, 12, isTombstone: true), Second));
        Assert.Equal(LedgerOutcome.Refused, ledger.Apply(Record(1, 13), Second));
    }

    [Fact]
    public void Coming_and_going_does_not_fill_the_budget_again()
    {
        var ledger = new Ledger(Owner(Self), new LedgerLimits { UpdateBurst = 4, UpdatesPerSecond = 0.01 });
        var taken = 0;
        for (var i = 1; i <= 40; i++)
        {
            taken += ledger.Apply(Record(1, (ulong)i, seconds: 1), i * Second) is LedgerOutcome.Refused ? 0 : 1;
            ledger.Expire((i + 1) * Second);
        }

        Assert.Equal(4, taken);
    }

    [Fact]
    public void Its_own_record_does_not_run_out_and_is_not_slowed_down()
    {
        for (var i = 1; i <= 100; i++)
        {
            Assert.NotEqual(LedgerOutcome.Refused, _ledger.Apply(Record(Self, (ulong)i, seconds: 1), Second));
        }

        Assert.Empty(_ledger.Expire(1_000_000 * Second));
        Assert.Equal(100ul, _ledger.Find(Owner(Self))!.Sequence);
    }

    [Fact]
    public void Its_next_number_follows_the_clock_and_is_above_all_that_it_has_used()
    {
        var clock = DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000);
        Assert.Equal(1_800_000_000_000ul, _ledger.NextSequence(clock));
        _ledger.Apply(Record(Self, 1_800_000_000_000), Second);
        Assert.Equal(1_800_000_000_001ul, _ledger.NextSequence(clock));
        Assert.Equal(1_800_000_000_001ul, _ledger.NextSequence(clock.AddHours(-1)));
        Assert.Equal(1ul, new Ledger(Owner(Self), new()).NextSequence(DateTimeOffset.UnixEpoch.AddDays(-1)));

        // Somebody still has a record of a former life, when the clock went ahead.
        Assert.Equal(LedgerOutcome.Updated, _ledger.Apply(Record(Self, 1_900_000_000_000), Second));
        Assert.Equal(1_900_000_000_001ul, _ledger.NextSequence(clock));
    }

    [Fact]
    public void A_lie_about_its_own_number_in_a_digest_makes_it_ask_and_nothing_else()
    {
        _ledger.Apply(Record(Self, 5), Second);
        Assert.Equal(Owner(Self), Assert.Single(_ledger.Compare([new(Owner(Self), ulong.MaxValue)]).Want));
        Assert.Equal(6ul, _ledger.NextSequence(DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public void Its_own_largest_number_used_by_somebody_is_told()
    {
        _ledger.Apply(Record(Self, long.MaxValue), Second);
        var error = Assert.Throws<SwarmException>(() => _ledger.NextSequence(DateTimeOffset.UnixEpoch));
        Assert.Equal("sequence_exhausted", error.Code);
        Assert.Contains(Owner(Self).ToString(), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_digest_says_what_to_send_and_what_to_ask_for()
    {
        _ledger.Apply(Record(1, 5), Second);
        _ledger.Apply(Record(2, 5), Second);
        _ledger.Apply(Record(3, 5), Second);
        Assert.Equal([new(Owner(1), 5), new(Owner(2), 5), new(Owner(3), 5)], _ledger.CreateDigest());
        var difference = _ledger.Compare([new(Owner(1), 4), new(Owner(2), 5), new(Owner(3), 6), new(Owner(4), 1), new(Owner(4), 0)]);
        Assert.Equal([Owner(1)], difference.Send.Select(record => record.Owner));
        Assert.Equal([Owner(3), Owner(4)], difference.Want);
        Assert.Equal(3, _ledger.Compare([]).Send.Count);
    }

    [Fact]
    public void A_digest_of_made_up_owners_makes_it_ask_for_no_more_than_it_can_hold()
    {
        var ledger = new Ledger(Owner(Self), new LedgerLimits { MaxMembers = 10 });
        Assert.Equal(10, ledger.Compare([.. Enumerable.Range(1, 1000).Select(i => new DigestEntry(Owner(i), 1))]).Want.Count);
        Assert.Empty(ledger.Compare([new(Owner(1), 0)]).Want);
    }
}
