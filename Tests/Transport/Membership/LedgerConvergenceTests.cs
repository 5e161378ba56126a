using ManagedSwarm.Transport.Membership;
using static ManagedSwarm.Tests.Transport.Membership.MadeUpRecords;

namespace ManagedSwarm.Tests.Transport.Membership;

/// <summary>Ledgers that hear of changes in any order, or not at all, and compare digests, hold the same in the end.</summary>
public sealed class LedgerConvergenceTests
{
    private const int Cases = 300;
    private const int Owners = 8;

    private static readonly LedgerLimits Limits = new() { UpdateBurst = 1000 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Two_ledgers_that_exchange_digests_with_lost_messages_end_equal(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < Cases; i++)
        {
            var written = Write(random, count: random.Next(1, 40));
            Ledger[] ledgers = [new(Owner(100), Limits), new(Owner(101), Limits)];
            foreach (var ledger in ledgers)
            {
                Deliver(ledger, written, random);
            }

            var expected = Newest(ledgers);
            for (var round = 0; round < 10; round++)
            {
                Exchange(ledgers[round % 2], ledgers[(round + 1) % 2], random, lost: 0.5);
            }

            Exchange(ledgers[0], ledgers[1], random, lost: 0);
            Assert.Equal(expected, Held(ledgers[0]));
            Assert.Equal(expected, Held(ledgers[1]));
            Assert.Empty(ledgers[0].Compare(ledgers[1].CreateDigest()).Send);
            Assert.Empty(ledgers[0].Compare(ledgers[1].CreateDigest()).Want);
        }
    }

    [Fact]
    public void Two_halves_of_a_swarm_that_went_on_alone_hold_all_of_both_after_one_exchange()
    {
        var random = new Random(4);
        Ledger left = new(Owner(1), Limits), right = new(Owner(2), Limits);
        for (var owner = 1; owner <= 50; owner++)
        {
            var old = Record(owner, 1);
            left.Apply(old, TimeSpan.Zero);
            right.Apply(old, TimeSpan.Zero);
            (owner % 2 == 0 ? left : right).Apply(Record(owner, 2, isTombstone: owner % 10 == 0), TimeSpan.Zero);
        }

        Exchange(left, right, random, lost: 0);
        Assert.Equal(50, left.Records.Count);
        Assert.All(left.Records, record => Assert.Equal(2ul, record.Sequence));
        Assert.Equal(Held(left), Held(right));
    }

    /// <summary>What owners say, one after the other, each number once.</summary>
    private static List<NodeRecord> Write(Random random, int count)
    {
        var sequences = new ulong[Owners];
        var written = new List<NodeRecord>();
        for (var i = 0; i < count; i++)
        {
            var owner = random.Next(Owners);
            sequences[owner] += (ulong)random.Next(1, 3);
            written.Add(Record(owner, sequences[owner], isTombstone: random.Next(5) == 0));
        }

        return written;
    }

    /// <summary>Some of it, in any order, some of it twice.</summary>
    private static void Deliver(Ledger ledger, List<NodeRecord> written, Random random)
    {
        for (var i = random.Next(written.Count * 2); i > 0; i--)
        {
            ledger.Apply(written[random.Next(written.Count)], TimeSpan.Zero);
        }
    }

    /// <summary>One tells the other its digest; what is sent and asked for arrives in any order, or does not.</summary>
    private static void Exchange(Ledger asking, Ledger answering, Random random, double lost)
    {
        var difference = answering.Compare(asking.CreateDigest());
        var wanted = difference.Want.Select(owner => asking.Find(owner)!).ToArray();
        Send(difference.Send, asking, random, lost);
        Send(wanted, answering, random, lost);
    }

    private static void Send(IReadOnlyList<NodeRecord> records, Ledger to, Random random, double lost)
    {
        var shuffled = records.ToArray();
        random.Shuffle(shuffled);
        foreach (var record in shuffled.Where(_ => random.NextDouble() >= lost))
        {
            to.Apply(record, TimeSpan.Zero);
        }
    }

    private static SortedDictionary<string, ulong> Held(Ledger ledger) =>
        new(ledger.Records.ToDictionary(record => record.Owner.ToString(), record => record.Sequence), StringComparer.Ordinal);

    /// <summary>Of each owner that one of them has heard of, the newest number.</summary>
    private static SortedDictionary<string, ulong> Newest(Ledger[] ledgers) => new(
        ledgers.SelectMany(ledger => ledger.Records)
            .GroupBy(record => record.Owner.ToString())
            .ToDictionary(group => group.Key, group => group.Max(record => record.Sequence)),
        StringComparer.Ordinal);
}
