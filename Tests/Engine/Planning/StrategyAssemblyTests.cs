using System.Runtime.Loader;
using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Planning;

public sealed class StrategyAssemblyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Loads_the_strategies_of_an_assembly_into_a_context_of_its_own()
    {
        var path = StrategyEmitter.Write(_folder.Path, ("Mine", "mine", false), ("Another", "another", false));

        var strategies = StrategyAssembly.Load(path);

        Assert.Equal(["another", "mine"], strategies.Select(strategy => strategy.Name));
        Assert.NotSame(AssemblyLoadContext.Default, AssemblyLoadContext.GetLoadContext(strategies[0].GetType().Assembly));
        Assert.Equal(
            new EvenStrategy().Split(SplitPlanTests.Problem()).Stages, SplitPlanner.Plan(SplitPlanTests.Problem(), strategies[1]).Stages);
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("manual")]
    public void Refuses_a_name_that_is_taken(string name) =>
        Refuses(StrategyEmitter.Write(_folder.Path, ("Mine", name, false)), $"Mine has the name '{name}', which another strategy has");

    [Fact]
    public void Refuses_two_strategies_of_one_name() =>
        Refuses(StrategyEmitter.Write(_folder.Path, ("One", "x", false), ("Two", "x", false)), "has the name 'x', which another strategy has");

    [Fact]
    public void Refuses_a_name_that_cannot_be_typed() =>
        Refuses(StrategyEmitter.Write(_folder.Path, ("One", "a b", false)), "expected some characters without spaces and commas");

    [Fact]
    public void Says_so_where_a_constructor_fails() =>
        Refuses(StrategyEmitter.Write(_folder.Path, ("Mine", "mine", true)), "a constructor failed: InvalidOperationException");

    [Fact]
    public void Says_so_where_there_is_no_strategy() =>
        Refuses(typeof(ManagedSwarm.Gguf.GgufFile).Assembly.Location, "it has no public class that implements ManagedSwarm.Engine.Planning.ISplitStrategy");

    [Fact]
    public void Says_so_where_the_file_is_no_assembly()
    {
        var path = Path.Combine(_folder.Path, "text.dll");
        File.WriteAllText(path, "no assembly");

        Refuses(path, "it is no .NET assembly");
    }

    [Fact]
    public void Says_so_where_there_is_no_file() =>
        Assert.Equal("file_not_found", Assert.Throws<EngineException>(() => StrategyAssembly.Load(Path.Combine(_folder.Path, "none.dll"))).Code);

    public void Dispose() => _folder.Dispose();

    private static void Refuses(string path, string says)
    {
        var exception = Assert.Throws<EngineException>(() => StrategyAssembly.Load(path));

        Assert.Equal("strategy_assembly", exception.Code);
        Assert.Contains($"strategy assembly '{path}'", exception.Message, StringComparison.Ordinal);
        Assert.Contains(says, exception.Message, StringComparison.Ordinal);
    }
}
