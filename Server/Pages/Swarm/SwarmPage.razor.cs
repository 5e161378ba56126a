using ManagedSwarm.Server.Pages.Access;
using ManagedSwarm.Server.Pages.Swarm.Actions;
using ManagedSwarm.Server.Pages.Swarm.Federated;
using ManagedSwarm.Server.Pages.Swarm.State;
using Microsoft.AspNetCore.Components;

namespace ManagedSwarm.Server.Pages.Swarm;

/// <summary><c>/swarm</c>: the nodes, how to add one, the federation and plans; kept up to date as long as it is open.</summary>
public sealed partial class SwarmPage : IDisposable
{
    private SwarmPageState _state = SwarmPageState.Off;
    private Topology _map = TopologyLayout.Of(SwarmPageState.Off);
    private FederationState _federation = new(null, []);
    private IDisposable? _watching;
    private string? _answer;
    private bool _mayAct;

    /// <summary>Which part is shown; null: the nodes.</summary>
    [SupplyParameterFromQuery]
    public string? Tab { get; set; }

    [Inject]
    private SwarmFeed Feed { get; set; } = null!;

    [Inject]
    private FederationView Federation { get; set; } = null!;

    [Inject]
    private SwarmActions Actions { get; set; } = null!;

    [Inject]
    private Visitor Visitor { get; set; } = null!;

    public void Dispose() => _watching?.Dispose();

    protected override async Task OnInitializedAsync()
    {
        Show(Feed.Look());
        if (RendererInfo.IsInteractive)
        {
            _watching = Feed.Watch(OnChanged);
        }

        _mayAct = await Visitor.MayActAsync();
    }

    private string? CurrentIf(string? tab) => Tab == tab ? "page" : null;

    private void Show(SwarmPageState state)
    {
        var map = TopologyLayout.Of(state);
        (_state, _map, _federation) = (state, map, Federation.Now());
    }

    // Ends when it is drawn, or the page is closed.
    private void OnChanged() => _ = ShowNewsAsync();

    private async Task ShowNewsAsync()
    {
        try
        {
            await InvokeAsync(async () =>
            {
                _mayAct = await Visitor.MayActAsync();
                Show(Feed.Current);
                StateHasChanged();
            });
        }
        catch (Exception exception) when (exception is not ObjectDisposedException)
        {
            await DispatchExceptionAsync(exception);
        }
    }

    private async Task DrainAsync(string id) => _answer = await Actions.DrainAsync(id);

    private async Task UnloadAsync(string model) => _answer = await Actions.UnloadAsync(model);
}
