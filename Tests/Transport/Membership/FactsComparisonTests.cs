using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Tests.Transport.Membership;

public sealed class FactsComparisonTests
{
    private static readonly NodeFacts Facts = SampleFacts.Create();

    [Fact]
    public void Tells_apart_who_should_hear_of_a_change_and_how_soon()
    {
        Assert.Equal(FactsChange.None, FactsComparison.Compare(Facts, SampleFacts.Create()));
        Assert.Equal(FactsChange.Trifle, FactsComparison.Compare(Facts, Facts with { FreeMemory = Facts.FreeMemory - 1 }));
        Assert.Equal(FactsChange.Minor, FactsComparison.Compare(Facts, Facts with { FreeMemory = 1 }));
        Assert.Equal(FactsChange.Minor, FactsComparison.Compare(Facts with { MemoryBandwidth = 0 }, Facts));
        Assert.Equal(FactsChange.Trifle, FactsComparison.Compare(Facts, Facts with { Load = Facts.Load with { TokensPerSecond = 50 } }));
        Assert.Equal(FactsChange.Minor, FactsComparison.Compare(Facts, Facts with { Load = Facts.Load with { TokensPerSecond = 5 } }));
        Assert.Equal(FactsChange.Major, FactsComparison.Compare(Facts, Facts with { Layers = [] }));
    }
}
