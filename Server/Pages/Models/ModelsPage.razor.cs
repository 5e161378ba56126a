using System.Globalization;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Server.Pages.Access;
using ManagedSwarm.Server.Pages.Swarm.Actions;
using ManagedSwarm.Server.Serving;
using ManagedSwarm.Transport.Membership;
using Microsoft.AspNetCore.Components;

namespace ManagedSwarm.Server.Pages.Models;

/// <summary>What is loaded where, what it takes, and how far loads are.</summary>
public sealed partial class ModelsPage : IAsyncDisposable
{
    private const int HashShown = 12;

    // How far a load is, and how many requests there are, nobody calls out.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _left = new();
    private ModelsSnapshot _shown = null!;
    private Task _looking = Task.CompletedTask;
    private bool _mayAct;
    private string? _outcome;

    [Inject]
    private ModelsSource Source { get; set; } = null!;

    [Inject]
    private SwarmActions Actions { get; set; } = null!;

    [Inject]
    private SwarmService Swarm { get; set; } = null!;

    [Inject]
    private Visitor Visitor { get; set; } = null!;

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    public async ValueTask DisposeAsync()
    {
        Swarm.Happened -= OnHappened;
        Swarm.Switched -= OnChanged;
        Swarm.StagesChanged -= OnChanged;
        await _left.CancelAsync();
        await _looking;
        _left.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        _mayAct = await Visitor.MayActAsync();
        _shown = Source.Look(_mayAct);
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
        {
            Swarm.Happened += OnHappened;
            Swarm.Switched += OnChanged;
            Swarm.StagesChanged += OnChanged;
            _looking = LookAsync();
        }
    }

    private void OnHappened(SwarmEvent change) => OnChanged();

    private void OnChanged() => _ = InvokeAsync(Look);

    private async Task LookAsync()
    {
        using var timer = new PeriodicTimer(Interval, Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_left.Token))
            {
                Look();
            }
        }
        catch (OperationCanceledException)
        {
            // Nobody looks any more.
        }
    }

    private void Look()
    {
        _shown = Source.Look(_mayAct);
        StateHasChanged();
    }

    private async Task LoadAsync(ModelChoice choice)
    {
        _outcome = await Actions.LoadAsync(choice);
        Look();
    }

    private async Task UnloadAsync(string model)
    {
        _outcome = await Actions.UnloadAsync(model);
        Look();
    }

    private static string? TitleOf(long? bytes) => bytes is { } count ? string.Create(CultureInfo.InvariantCulture, $"{count:N0} bytes") : null;

    private static string Number(double share) => share.ToString("F3", CultureInfo.InvariantCulture);

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:F0} %");

    private static string IdOf(string command) => $"models-command-{ModelCommands.All.TakeWhile(one => one.Command != command).Count()}";
}
