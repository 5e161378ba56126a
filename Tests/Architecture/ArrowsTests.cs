using System.Reflection;
using System.Xml.Linq;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Architecture;

/// <summary>Gguf ← Engine ← Transport ← Server: who may know whom (ARCHITECTURE: data flows one way).</summary>
public sealed class ArrowsTests
{
    private static readonly string[] Order = ["ManagedSwarm.Gguf", "ManagedSwarm.Engine", "ManagedSwarm.Transport", "managedswarm"];

    public static TheoryData<string> Projects() => [.. Order];

    [Theory]
    [MemberData(nameof(Projects))]
    public void References_only_projects_to_its_left(string project)
    {
        var allowed = Order[..Array.IndexOf(Order, project)];
        var found = Assembly.Load(project).GetReferencedAssemblies().Select(reference => reference.Name!).Where(IsOurs);
        Assert.All(found, name => Assert.Contains(name, allowed));
    }

    /// <summary>The compiler drops references that nothing uses, so the project files are read as well.</summary>
    [Theory]
    [InlineData("Gguf")]
    [InlineData("Engine", "Gguf")]
    [InlineData("Transport", "Engine")]
    [InlineData("Server", "Transport")]
    [InlineData("models-test/ModelsTest", "Gguf")]
    public void Project_file_references_only_its_left_neighbour(string project, params string[] expected)
    {
        var (folder, name) = project.Split('/') is [var first, var second] ? (first, second) : (project, project);
        var file = XDocument.Load(Repository.File($"{folder}/{name}.csproj"));
        var found = file.Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));
        Assert.Equal(expected, found);
    }

    [Fact]
    public void Gguf_knows_no_threads_network_or_logging()
    {
        string[] forbidden = ["System.Threading.Tasks.Parallel", "System.Net", "Microsoft.Extensions.Logging"];
        var references = Assembly.Load("ManagedSwarm.Gguf").GetReferencedAssemblies().Select(reference => reference.Name!);
        Assert.DoesNotContain(references, name => forbidden.Any(word => name.StartsWith(word, StringComparison.Ordinal)));
    }

    [Fact]
    public void Engine_knows_no_sockets_and_no_http()
    {
        string[] forbidden = ["System.Net.Sockets", "System.Net.Http", "Microsoft.AspNetCore"];
        var references = Assembly.Load("ManagedSwarm.Engine").GetReferencedAssemblies().Select(reference => reference.Name!);
        Assert.DoesNotContain(references, name => forbidden.Any(word => name.StartsWith(word, StringComparison.Ordinal)));
    }

    /// <summary>What a request or a server is stays unknown to it.</summary>
    [Fact]
    public void Transport_knows_connections_but_no_http_server()
    {
        var references = Assembly.Load("ManagedSwarm.Transport").GetReferencedAssemblies().Select(reference => reference.Name!);
        var found = references.Where(name => name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
        Assert.Equal(["Microsoft.AspNetCore.Connections.Abstractions"], found);
    }

    private static bool IsOurs(string name) => name.StartsWith("ManagedSwarm", StringComparison.OrdinalIgnoreCase);
}
