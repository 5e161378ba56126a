using ManagedSwarm.Server.Pages.Assets;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace ManagedSwarm.Server.Pages.Controls;

/// <summary>Puts a text into the visitor's clipboard, which need not be on the page.</summary>
public sealed partial class CopyButton
{
    private static readonly TimeSpan Acknowledgement = TimeSpan.FromSeconds(1.5);

    private readonly CancellationTokenSource _gone = new();
    private IJSObjectReference? _script;
    private bool _isDone;

    /// <summary>What is copied.</summary>
    [Parameter, EditorRequired]
    public string Text { get; set; } = "";

    /// <summary>Asked before a secret is handed out; null: it is none.</summary>
    [Parameter]
    public Func<ValueTask<bool>>? MayCopyAsync { get; set; }

    /// <summary>What the button is called.</summary>
    [Parameter]
    public string Label { get; set; } = "Copy";

    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        _gone.Dispose();
        try
        {
            await (_script?.DisposeAsync() ?? default);
        }
        catch (JSDisconnectedException)
        {
            // The page is closed.
        }
    }

    private async Task CopyAsync()
    {
        if (MayCopyAsync is not null && !await MayCopyAsync())
        {
            return;
        }

        _script ??= await Scripts.InvokeAsync<IJSObjectReference>("import", PageAssets.UrlOf("page.js"));
        await _script.InvokeVoidAsync("copyText", Text);
        _isDone = true;
        StateHasChanged();
        try
        {
            await Task.Delay(Acknowledgement, _gone.Token);
            _isDone = false;
        }
        catch (OperationCanceledException)
        {
            // Nobody is there to see it.
        }
    }
}
