using System.Net;
using ManagedSwarm.Server.Commands;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.Pages.Models;
using ManagedSwarm.Server.Serving;
using ManagedSwarm.Tests.Server.P2p;

namespace ManagedSwarm.Tests.Server.Pages.Models;

public sealed class ModelsSourceTests
{
    [Fact]
    public async Task Tells_of_files_and_what_was_wrong_with_them_to_those_alone_who_may_act()
    {
        await using var server = await RunningServer.StartAsync();
        var (models, swarm) = (server.Server.Models, server.Server.Swarm);
        var options = new ApiServerOptions
        {
            Address = new ListenAddress(IPAddress.Loopback, 0),
            Swarm = FakeSwarms.Setup(),
            Models = FakeModelSetup.Create(),
        };
        models.Failure = new("fake", "/home/me/fake.gguf is no model");
        var source = new ModelsSource(options, swarm, models, new CatalogView(server.Server.Serving, models), TimeProvider.System);

        Assert.Equal(("fake", "fake"), (source.Look(mayAct: true).Failure?.Model, Assert.Single(source.Look(mayAct: true).Files).File.Name));
        Assert.Equal((null, 0), (source.Look(mayAct: false).Failure, source.Look(mayAct: false).Files.Count));
    }
}
