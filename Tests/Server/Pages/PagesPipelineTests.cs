using ManagedSwarm.Server.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Server.Pages;

public sealed class PagesPipelineTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>No key ring is made at the start: neither on disk, nor at all before somebody looks.</summary>
    [Fact]
    public void Starts_nothing_of_its_own()
    {
        var builder = WebApplication.CreateSlimBuilder();
        var before = builder.Services.Count(service => service.ServiceType == typeof(IHostedService));

        PagesHosting.AddTo(builder.Services);

        Assert.Equal(before, builder.Services.Count(service => service.ServiceType == typeof(IHostedService)));
    }

    /// <summary>What is shown to nobody is a whole page: else the first visitor would wait all the same. A model may take minutes.</summary>
    [Fact]
    public async Task Gets_ready_while_the_model_is_being_loaded()
    {
        await using var node = await RunningServer.StartAsync(loaded: false);

        await node.Server.Pages.Ready.WaitAsync(Limit, TestContext.Current.CancellationToken);

        Assert.Null(node.Server.Models.Current);
    }

    [Fact]
    public async Task Does_not_keep_a_node_from_ending_at_once()
    {
        var node = await RunningServer.StartAsync(time: new FakeTimeProvider());
        var ready = node.Server.Pages.Ready;

        await node.DisposeAsync();

        Assert.True(ready.IsCanceled);
    }
}
