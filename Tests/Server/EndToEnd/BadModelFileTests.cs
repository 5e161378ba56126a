using ManagedSwarm.ModelsTest;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Server.Commands;

namespace ManagedSwarm.Tests.Server.EndToEnd;

/// <summary>Files that are no model: one line that says what, found and allowed, and exit code 1.</summary>
public sealed class BadModelFileTests
{
    [Fact]
    public Task Refuses_a_missing_file() => RefusesAsync("nothing.gguf", "there is no file 'nothing.gguf'");

    [Fact]
    public async Task Refuses_a_folder()
    {
        using var folder = new TemporaryFolder();

        await RefusesAsync(folder.Path, "is a folder; a GGUF file is needed");
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("Once upon a time, there was a text.", "is not a GGUF file: it begins with")]
    [InlineData("GGUF", "version")]
    public async Task Refuses_a_file_of_text(string text, string says)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("text.gguf");
        await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);

        await RefusesAsync(path, says);
    }

    [Fact]
    public async Task Refuses_a_file_that_was_cut_short()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("cut.gguf");
        var bytes = await File.ReadAllBytesAsync(ServedFile.Tiny, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(path, bytes[..(bytes.Length / 2)], TestContext.Current.CancellationToken);

        await RefusesAsync(path, "(at byte ");
    }

    [Fact]
    public Task Refuses_a_vocabulary_without_weights() => RefusesAsync(SharedData.Require("vocab/ggml-vocab-llama-spm.gguf"), "vocabulary only");

    [Fact]
    public async Task Refuses_a_model_that_is_larger_than_memory()
    {
        await using var run = new RecordedRun(
            ["run", ServedFile.Tiny, "--address", "127.0.0.1:0"],
            load: ServedLanguageModel.LoadAsync,
            configure: context => context with { MemoryLimit = 100_000 });

        Assert.Contains("this machine has 98 KiB in all", await run.FailsAsync(exitCode: 1), StringComparison.Ordinal);
        Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public Task Refuses_an_empty_name() => RefusesAsync("", "there is no file ''");

    [Fact]
    public async Task Refuses_a_bad_chat_template_before_it_reads_the_weights()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("template.gguf");
        ModelGenerator.Write(path, new ModelShape { ChatTemplate = "{% if %}" });

        await RefusesAsync(path, "chat template, line 1: expected an expression");
    }

    [Fact]
    public Task Refuses_a_chat_template_file_that_is_not_there() =>
        RefusesAsync(ServedFile.Tiny, "the chat template 'nothing.jinja' cannot be read", "--chat-template-file", "nothing.jinja");

    private static async Task RefusesAsync(string path, string says, params string[] options)
    {
        await using var run = new RecordedRun(["run", path, "--address", "127.0.0.1:0", .. options], load: ServedLanguageModel.LoadAsync);

        Assert.Contains(says, await run.FailsAsync(exitCode: 1), StringComparison.Ordinal);
        Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
