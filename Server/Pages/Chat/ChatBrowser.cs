using ManagedSwarm.Server.Pages.Assets;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>
/// What a chat needs of the browser (<c>chat.js</c>): its storage, keys, and where it is scrolled to. Conversations are kept there, and nowhere
/// on this node. Where the browser is gone, nothing happens.
/// </summary>
internal sealed class ChatBrowser(IJSRuntime js) : IAsyncDisposable
{
    private IJSObjectReference? _module;

    /// <summary>Begins.</summary>
    /// <param name="root">The chat's element.</param>
    /// <param name="page">Called with what is asked, and to stop.</param>
    /// <returns>The conversations that are kept, the newest first.</returns>
    public async Task<IReadOnlyList<KeptTitle>> StartAsync(ElementReference root, DotNetObjectReference<ChatPage> page)
    {
        try
        {
            _module = await js.InvokeAsync<IJSObjectReference>("import", PageAssets.UrlOf("chat.js"));
        }
        catch (Exception exception) when (exception is JSDisconnectedException or OperationCanceledException)
        {
            return [];
        }

        return await AskAsync<KeptTitle[]>("start", root, page, PageAssets.UrlOf("page.js")) ?? [];
    }

    /// <returns>Null: it is not there, or not readable.</returns>
    public async Task<Conversation?> LoadAsync(string id) => ConversationText.Read(await AskAsync<string?>("load", id, ConversationText.MaxLength));

    /// <returns>The conversations that are kept now.</returns>
    public async Task<IReadOnlyList<KeptTitle>> SaveAsync(Conversation conversation) => ConversationText.Write(conversation) is { } text
        ? await AskAsync<KeptTitle[]>("save", conversation.Id, conversation.Title, text) ?? []
        : await AskAsync<KeptTitle[]>("titles") ?? [];

    /// <returns>The conversations that are kept now.</returns>
    public async Task<IReadOnlyList<KeptTitle>> RemoveAsync(string id) => await AskAsync<KeptTitle[]>("remove", id) ?? [];

    /// <summary>Removes all.</summary>
    public Task ClearAsync() => AskAsync<object?>("clear");

    /// <summary>Puts a text where questions are typed.</summary>
    public Task WriteAsync(string text) => AskAsync<object?>("write", text);

    public async ValueTask DisposeAsync()
    {
        if (_module is { } module)
        {
            await AskAsync<object?>("stop");
            _module = null;
            try
            {
                await module.DisposeAsync();
            }
            catch (JSDisconnectedException)
            {
                // It went with the browser.
            }
        }
    }

    private async Task<T?> AskAsync<T>(string function, params object?[] arguments)
    {
        try
        {
            return _module is null ? default : await _module.InvokeAsync<T>(function, arguments);
        }
        catch (Exception exception) when (exception is JSDisconnectedException or OperationCanceledException)
        {
            return default;
        }
    }
}
