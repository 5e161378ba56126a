using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Server.P2p.Heads;

public sealed class MeasuredRunsTests : IDisposable
{
    private static readonly MeasuredRun Run = new(
        "abc", "f32", [new("desk", 0, 4, 0.5), new("lap", 4, 8, null)], 44, 37, 130, new DateTime(2026, 11, 29, 10, 0, 0, DateTimeKind.Utc));

    private readonly TemporaryFolder _folder = new();

    private string Path => _folder.File("data/measured.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Reads_what_was_written()
    {
        Assert.Empty(MeasuredRuns.Read(Path));
        Assert.True(MeasuredRuns.TryAdd(Path, Run));
        var read = Assert.Single(MeasuredRuns.Read(Path));
        Assert.Equal(Run, read with { Stages = Run.Stages });
        Assert.Equal(Run.Stages, read.Stages);
    }

    [Fact]
    public void Keeps_one_run_of_each_plan_the_newest_first()
    {
        MeasuredRuns.TryAdd(Path, Run);
        MeasuredRuns.TryAdd(Path, Run with { Wire = "q8", MsPerToken = 50 });
        MeasuredRuns.TryAdd(Path, Run with { Stages = [new("desk", 0, 8, 0.6)], MsPerToken = 30 });
        MeasuredRuns.TryAdd(Path, Run with { MsPerToken = 45, Stages = [new("desk", 0, 4, 0.7), new("lap", 4, 8, 0.9)] });
        Assert.Equal([45, 30, 50], MeasuredRuns.Read(Path).Select(run => run.MsPerToken));
    }

    [Fact]
    public void Forgets_the_oldest()
    {
        for (var i = 1; i <= MeasuredRuns.MaxRuns + 2; i++)
        {
            MeasuredRuns.TryAdd(Path, Run with { ModelHash = $"{i}" });
        }

        var kept = MeasuredRuns.Read(Path);
        Assert.Equal((MeasuredRuns.MaxRuns, "66", "3"), (kept.Count, kept[0].ModelHash, kept[^1].ModelHash));
    }

    [Fact]
    public void Knows_the_last_time_of_a_layer_on_each_node()
    {
        MeasuredRun[] runs = [Run, Run with { Stages = [new("desk", 0, 8, 9), new("lap", 8, 9, 8)] }, Run with { ModelHash = "other", Stages = [new("box", 0, 8, 7)] }];
        Assert.Equal(new Dictionary<string, double> { ["desk"] = 0.5, ["lap"] = 8 }, MeasuredRuns.SpeedsOf(runs, "abc"));
        Assert.Empty(MeasuredRuns.SpeedsOf(runs, null));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[null]")]
    [InlineData("[{}]")]
    [InlineData("[{\"model_hash\":\"abc\",\"wire\":\"f32\",\"stages\":[],\"ms_per_token\":1,\"prompt_tokens\":1,\"at\":\"2026-11-29T10:00:00Z\"}]")]
    [InlineData("[{\"model_hash\":\"abc\",\"wire\":\"f32\",\"stages\":[null],\"ms_per_token\":1,\"prompt_tokens\":1,\"at\":\"2026-11-29T10:00:00Z\"}]")]
    [InlineData("[{\"model_hash\":\"abc\",\"wire\":\"f32\",\"stages\":[{\"node_id\":\"a\",\"first\":0,\"end\":1}],\"ms_per_token\":-1,\"prompt_tokens\":1,\"at\":\"2026-11-29T10:00:00Z\"}]")]
    [InlineData("[{\"model_hash\":\"abc\",\"wire\":\"f32\",\"stages\":[{\"node_id\":\"a\",\"first\":3,\"end\":1}],\"ms_per_token\":1,\"prompt_tokens\":1,\"at\":\"2026-11-29T10:00:00Z\"}]")]
    [InlineData("[{\"model_hash\":\"abc\",\"wire\":\"f32\",\"stages\":[{\"node_id\":\"a\",\"first\":0,\"end\":1}],\"ms_per_token\":1,\"prompt_tokens\":0,\"ms_to_first_token\":3,\"at\":\"2026-11-29T10:00:00Z\"}]")]
    public void A_damaged_file_is_as_good_as_none(string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        File.WriteAllText(Path, text);
        Assert.Empty(MeasuredRuns.Read(Path));
        Assert.True(MeasuredRuns.TryAdd(Path, Run));
        Assert.Single(MeasuredRuns.Read(Path));
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_no_error()
    {
        File.WriteAllText(_folder.File("data"), "a file where the folder should be");
        Assert.False(MeasuredRuns.TryAdd(Path, Run));
    }
}
