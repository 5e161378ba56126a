namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>What the chat is made of.</summary>
internal static class ChatServices
{
    public static void AddTo(IServiceCollection services) => services
        .AddSingleton<OwnHttp>().AddSingleton<OwnKey>().AddSingleton<INodeNames, SwarmNodeNames>()
        .AddScoped<IApiEntry, VisitorEntry>().AddScoped<IChatApi, ChatApi>();
}
