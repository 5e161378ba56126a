using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>A place to talk to the models that this node's API offers.</summary>
public sealed partial class ChatPage : IAsyncDisposable
{
    /// <summary>Characters of a question; in UTF-8 they fit one message of the browser.</summary>
    private const int MaxQuestion = 100_000;

    private static readonly TimeSpan LookForModel = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookForOthers = TimeSpan.FromSeconds(15);

    private static readonly string[] Ideas =
    [
        "Tell me a story about a fox and a lantern.",
        "Tell me a story about a brave snail.",
        "Tell me a story about a lost kite.",
    ];

    private readonly CancellationTokenSource _left = new();
    private ChatSession _session = null!;
    private ChatBrowser? _browser;
    private DotNetObjectReference<ChatPage>? _self;
    private ElementReference _root;
    private IReadOnlyList<ChatModel> _models = [];
    private IReadOnlyList<KeptTitle> _kept = [];
    private string? _whyNoModel;
    private Task _looking = Task.CompletedTask;
    private Task _reply = Task.CompletedTask;
    private bool _isReady;
    private bool _showsHistory;
    private bool _showsSettings;
    private bool _asksToClear;

    [Inject]
    private IChatApi Api { get; set; } = null!;

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    [Inject]
    private IJSRuntime Js { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    private bool CanAsk => _isReady && _models.Count > 0 && _session.Running is null;

    /// <summary>The one that is asked next; null: there is none.</summary>
    private string? ModelId =>
        _models.FirstOrDefault(model => model.Id == _session.Conversation.Model)?.Id ?? (_models is [var first, ..] ? first.Id : null);

    private bool HasSettings => !_session.Conversation.Sampling.IsDefault || _session.Conversation.SystemPrompt.Length > 0;

    private string Curl =>
        $$"""
        curl {{Navigation.BaseUri}}v1/chat/completions -H 'Content-Type: application/json' \
          -d '{"messages": [{"role": "user", "content": "{{Ideas[0]}}"}]}'
        """;

    /// <summary>Called by the browser: asks.</summary>
    /// <returns>Whether it is asked.</returns>
    [JSInvokable]
    public Task<bool> Ask(string text)
    {
        if (!CanAsk || text is not { Length: > 0 and <= MaxQuestion })
        {
            return Task.FromResult(false);
        }

        Start(() => _session.SendAsync(text));
        return Task.FromResult(_session.Running is not null);
    }

    /// <summary>Called by the browser: ends the reply that is on its way.</summary>
    [JSInvokable]
    public void Stop() => _session.Stop();

    public async ValueTask DisposeAsync()
    {
        await _left.CancelAsync();
        _session.Changed -= StateHasChanged;
        _session.Stop();
        await _looking;
        await _reply;
        await (_browser?.DisposeAsync() ?? default);
        _self?.Dispose();
        _left.Dispose();
    }

    protected override void OnInitialized()
    {
        _session = new(Api, Time);
        _session.Changed += StateHasChanged;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        _browser = new(Js);
        _self = DotNetObjectReference.Create(this);
        _kept = await _browser.StartAsync(_root, _self);
        if (_kept is [var newest, ..])
        {
            await OpenAsync(newest.Id);
        }

        _isReady = true;
        _looking = LookForModelsAsync();
        StateHasChanged();
    }

    private async Task LookForModelsAsync()
    {
        while (!_left.IsCancellationRequested)
        {
            try
            {
                await LookAsync();
                await Task.Delay(_models.Count == 0 ? LookForModel : LookForOthers, Time, _left.Token);
            }
            catch (OperationCanceledException) when (_left.IsCancellationRequested)
            {
                // Nobody looks any more.
            }
        }
    }

    private async Task LookAsync()
    {
        var (before, why) = (_models, _whyNoModel);
        try
        {
            _models = await Api.ModelsAsync(_left.Token);
            _whyNoModel = _models.Count == 0 ? "No node of the swarm has a model that could be asked. This page looks again by itself." : null;
        }
        catch (ChatApiException exception)
        {
            (_models, _whyNoModel) = ([], exception.Message);
        }

        if (why != _whyNoModel || !before.Select(NameOf).SequenceEqual(_models.Select(NameOf)))
        {
            StateHasChanged();
        }
    }

    private static string NameOf(ChatModel model) => $"{model.Id}\n{string.Join('\n', model.Nodes.Keys)}";

    /// <summary>How many instances have a model, where a router says so.</summary>
    private string? WhereOf(string? id) => _models.FirstOrDefault(model => model.Id == id)?.Nodes.Count switch
    {
        null or 0 => null,
        1 => "on 1 node",
        var count => $"on {count} nodes",
    };

    private void Start(Func<Task<bool>> ask)
    {
        _session.Change(conversation => conversation with { Model = ModelId });
        _reply = KeepAsync(ask());
    }

    /// <summary>What was asked is kept at once, and the reply when it is over.</summary>
    private async Task KeepAsync(Task<bool> reply)
    {
        await SaveAsync();
        if (await reply)
        {
            await SaveAsync();
        }

        StateHasChanged();
    }

    private async Task SaveAsync()
    {
        if (_browser is { } browser && _session.Conversation.Turns.Count > 0)
        {
            _kept = await browser.SaveAsync(_session.Conversation);
        }
    }

    private void OpenNew()
    {
        _session.Open(Conversation.New(_session.Conversation));
        (_showsHistory, _asksToClear) = (false, false);
    }

    private async Task OpenNewAsync()
    {
        OpenNew();
        await _browser!.WriteAsync("");
    }

    private async Task OpenAsync(string id)
    {
        if (await _browser!.LoadAsync(id) is { } kept && kept.Id == id)
        {
            _session.Open(kept);
        }
        else
        {
            _kept = await _browser.RemoveAsync(id);
        }

        _showsHistory = false;
    }

    private async Task RemoveAsync(string id)
    {
        _kept = await _browser!.RemoveAsync(id);
        if (id == _session.Conversation.Id)
        {
            OpenNew();
        }
    }

    private async Task ClearAsync()
    {
        OpenNew();
        await _browser!.ClearAsync();
        _kept = [];
    }

    private async Task TakeBackAsync()
    {
        if (_session.TakeBack() is { } text)
        {
            await _browser!.WriteAsync(text);
        }
    }

    private Task OnModelAsync(ChangeEventArgs change) => ChangeAsync(conversation => conversation with { Model = change.Value as string });

    private Task OnSystemPromptAsync(string text) => ChangeAsync(conversation => conversation with { SystemPrompt = text });

    private Task OnSamplingAsync(SamplingSettings sampling) => ChangeAsync(conversation => conversation with { Sampling = sampling });

    private Task ChangeAsync(Func<Conversation, Conversation> change)
    {
        _session.Change(change);
        return SaveAsync();
    }
}
