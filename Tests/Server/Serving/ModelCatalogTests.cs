using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Server.Serving;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Server.Serving;

public sealed class ModelCatalogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Lists_what_lies_beside_the_first_model_where_no_folder_is_named()
    {
        var first = Write("first.gguf");
        Write("another.gguf");

        var catalog = new ModelCatalog(Request(first));

        Assert.Equal(["first", "another"], catalog.List().Select(model => model.Name));
    }

    [Fact]
    public void Lists_the_first_model_and_those_of_the_named_folders_each_name_once()
    {
        var (one, two) = (Directory.CreateDirectory(_folder.File("one")).FullName, Directory.CreateDirectory(_folder.File("two")).FullName);
        var first = Write("first.gguf");
        Write("unnamed.gguf");
        var same = Write("one/same.gguf");
        Write("two/same.gguf");
        Write("two/last.gguf");

        var catalog = new ModelCatalog(Request(first), one, two);

        Assert.Equal(["first", "same", "last"], catalog.List().Select(model => model.Name));
        Assert.Equal(same, catalog.Find("same")!.Path);
        Assert.Null(catalog.Find("unnamed"));
    }

    [Theory]
    [InlineData("../first")]
    [InlineData("/etc/passwd")]
    [InlineData("")]
    public void Finds_names_and_no_paths(string name)
    {
        var folder = Directory.CreateDirectory(_folder.File("one")).FullName;
        Write("first.gguf");

        Assert.Null(new ModelCatalog(Request(Write("one/inner.gguf")), folder).Find(name));
    }

    [Fact]
    public void Loads_others_as_the_first_but_for_what_was_said_of_that_one_alone()
    {
        Write("another.gguf");
        var first = Request(Write("first.gguf")) with
        {
            Id = "mine",
            Options = new() { ChatTemplate = "{{ messages }}", ContextLength = 77 },
            Head = new() { Strategy = new ManualStrategy([new ManualRange("self", new LayerRange(0, 1))]), Spares = 2 },
        };
        var catalog = new ModelCatalog(first);

        Assert.Same(first, catalog.Find("mine"));
        var another = catalog.Find("another")!;
        Assert.Equal(("another", null, 77, 2), (another.Id, another.Options.ChatTemplate, another.Options.ContextLength, another.Head.Spares));
        Assert.Null(another.Head.Strategy);
    }

    [Fact]
    public void A_choice_changes_what_it_says_and_nothing_else()
    {
        var first = Request("first.gguf") with { Head = new() { MinWorkers = 1, Spares = 2 } };

        Assert.Equal(first, new ModelChoice("first").ApplyTo(first));
        var chosen = new ModelChoice("first", Context: 512, MinWorkers: 3, Split: "speed").ApplyTo(first);
        Assert.Equal((512, 3, "speed", 2), (chosen.Options.ContextLength, chosen.Head.MinWorkers, chosen.Head.Strategy!.Name, chosen.Head.Spares));
    }

    private string Write(string name)
    {
        File.WriteAllBytes(_folder.File(name), [1]);
        return _folder.File(name);
    }

    private static ModelRequest Request(string path) => new(path, null, new ModelOptions(), new HeadSettings());
}
