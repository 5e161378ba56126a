using ManagedSwarm.Server.Pages;
using ManagedSwarm.Tests.Server.P2pApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;

namespace ManagedSwarm.Tests.Server.Pages;

public sealed class PagesPipelineTests
{
    /// <summary>No key ring is made at the start: neither on disk, nor at all before somebody looks.</summary>
    [Fact]
    public void Starts_nothing_of_its_own()
    {
        var builder = WebApplication.CreateSlimBuilder();
        var before = builder.Services.Count(service => service.ServiceType == typeof(IHostedService));

        PagesHosting.AddTo(builder.Services);

        Assert.Equal(before, builder.Services.Count(service => service.ServiceType == typeof(IHostedService)));
    }

    /// <summary>What is shown to nobody is a whole page: else the first visitor would wait all the same.</summary>
    [Fact]
    public async Task Gets_ready_before_somebody_looks()
    {
        await using var node = await SwarmServer.StartAsync();
        var pages = node.Server.Server.Pages;

        await pages.WarmAsync(TestContext.Current.CancellationToken);

        Assert.True(pages.IsReady);
    }
}
