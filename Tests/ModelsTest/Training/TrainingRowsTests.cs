using ManagedSwarm.ModelsTest.Stories;
using ManagedSwarm.ModelsTest.Training;

namespace ManagedSwarm.Tests.ModelsTest.Training;

public sealed class TrainingRowsTests
{
    [Fact]
    public void Keeps_every_document_whole()
    {
        var dice = new Dice(3);
        var documents = Enumerable.Range(0, 500).Select(number => Enumerable.Repeat(number + 1, 2 + dice.Roll(30)).ToArray()).ToList();
        var rows = new TrainingRows(documents, 32);

        var seen = new Dictionary<long, int>();
        var (inputs, targets) = (new long[32], new long[32]);
        for (var row = 0; row < rows.Count; row++)
        {
            rows.CopyTo(row, inputs, targets);
            for (var i = 0; i < 32 && targets[i] != TrainingRows.NoTarget; i++)
            {
                seen[inputs[i]] = seen.GetValueOrDefault(inputs[i]) + 1;
                Assert.True(i == 0 || inputs[i] == targets[i - 1]);
                if (i == 31 || targets[i + 1] == TrainingRows.NoTarget)
                {
                    seen[targets[i]] = seen.GetValueOrDefault(targets[i]) + 1;
                }
            }
        }

        Assert.Equal(documents.ToDictionary(document => (long)document[0], document => document.Length), seen);
        Assert.True(rows.TokenCount > rows.Count * 32 * 0.9, $"{rows.Count} rows for {rows.TokenCount} tokens");
    }

    [Fact]
    public void Cuts_what_is_longer_than_a_row()
    {
        var rows = new TrainingRows([[1, 2, 3, 4, 5, 6]], 3);
        var (inputs, targets) = (new long[3], new long[3]);

        rows.CopyTo(0, inputs, targets);

        Assert.Equal([1, 2, 3], inputs);
        Assert.Equal([2, 3, 4], targets);
    }
}
