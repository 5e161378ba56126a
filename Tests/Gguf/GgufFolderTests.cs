using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Gguf;

public sealed class GgufFolderTests : IDisposable
{
    private const int Many = 100;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Lists_model_files_by_name_and_nothing_else()
    {
        Write("zebra.gguf", 3);
        Write("ant.GGUF", 2);
        Write("readme.md", 7);
        Directory.CreateDirectory(_folder.File("folder.gguf"));

        Assert.Equal(
            [new ModelFile("ant", _folder.File("ant.GGUF"), 2), new ModelFile("zebra", _folder.File("zebra.gguf"), 3)],
            GgufFolder.List(_folder.Path, Many));
    }

    [Fact]
    public void Has_one_entry_for_all_parts_of_a_split_model_and_none_where_the_first_is_missing()
    {
        Write("big-00001-of-00002.gguf", 10);
        Write("big-00002-of-00002.gguf", 5);
        Write("lost-00002-of-00002.gguf", 1);

        Assert.Equal([new ModelFile("big", _folder.File("big-00001-of-00002.gguf"), 15)], GgufFolder.List(_folder.Path, Many));
    }

    [Fact]
    public void Takes_no_more_files_than_the_limit()
    {
        for (var i = 0; i < 5; i++)
        {
            Write($"model{i}.gguf", 1);
        }

        Assert.Equal(3, GgufFolder.List(_folder.Path, 3).Count);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("a\0b")]
    public void Has_nothing_of_a_folder_that_cannot_be_read(string name) => Assert.Empty(GgufFolder.List(_folder.Path + "/" + name, Many));

    private void Write(string name, int bytes) => File.WriteAllBytes(_folder.File(name), new byte[bytes]);
}
