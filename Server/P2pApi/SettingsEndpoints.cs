using System.Text.Json;
using ManagedSwarm.Server.Commands;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Server.P2pApi;

/// <summary>
/// LocalAI's <c>/api/settings</c>, as far as it is about P2P: starts, changes and stops it while the server runs. What it changes is gone
/// with the process. And <c>/.well-known/localai.json</c>, by which programs find out what this one can do.
/// </summary>
internal sealed class SettingsEndpoints(SwarmService swarm, LocalAccess access)
{
    public const string Path = "/api/settings";
    public const string WellKnownPath = "/.well-known/localai.json";

    private const string Generate = "0";

    private static string Version { get; } = typeof(SettingsEndpoints).Assembly.GetName().Version!.ToString(fieldCount: 3);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, access.Guard(http => JsonAnswer.WriteAsync(http, StatusCodes.Status200OK, Current(), SwarmJson.Wire.SettingsBody)));
        routes.MapPost(Path, access.Guard(ChangeAsync));
        routes.MapGet(WellKnownPath, http => JsonAnswer.WriteAsync(http, StatusCodes.Status200OK, WellKnown(), SwarmJson.Wire.WellKnownBody));
    }

    private SettingsBody Current() =>
        new(swarm.Current?.Token.Reveal() ?? "", swarm.Settings.NetworkId ?? "", Federated: false);

    private async Task ChangeAsync(HttpContext http)
    {
        using var body = await RequestBody.ReadJsonAsync(http.Request, http.RequestAborted);
        var change = Read(new JsonParameters(body.RootElement, ""));
        try
        {
            await swarm.ChangeAsync(change, http.RequestAborted);
        }
        catch (StartException reason)
        {
            throw SwarmErrors.StartFailed(reason);
        }

        var now = Current();
        var message = swarm.Current is null ? "P2P is off" : "P2P runs";
        await JsonAnswer.WriteAsync(
            http,
            StatusCodes.Status200OK,
            new SettingsAnswer(true, message, now.P2pToken, now.P2pNetworkId, now.Federated),
            SwarmJson.Wire.SettingsAnswer);
    }

    private static Func<SwarmSettings, SwarmSettings> Read(JsonParameters parameters)
    {
        var changeToken = ReadToken(parameters.Text("p2p_token"));
        var changeNetwork = ReadNetworkId(parameters.Text("p2p_network_id"));
        parameters.Tolerate("federated", value => value.ValueKind == JsonValueKind.False, "only false is possible with this version");
        parameters.End();
        return settings => changeNetwork(changeToken(settings));
    }

    private static Func<SwarmSettings, SwarmSettings> ReadToken(string? text)
    {
        if (text is null or "" or Generate)
        {
            return settings => text is null ? settings : settings with { IsOn = text == Generate, Token = text == Generate ? null : settings.Token };
        }

        try
        {
            var token = SwarmToken.Parse(text);
            return settings => settings with { IsOn = true, Token = token };
        }
        catch (SwarmException exception)
        {
            throw OpenAiErrors.WrongValue("p2p_token", "a token, \"0\" for a new one or \"\" for none", exception.Message);
        }
    }

    private static Func<SwarmSettings, SwarmSettings> ReadNetworkId(string? text) => text switch
    {
        null => settings => settings,
        "" => settings => settings with { NetworkId = null },
        _ when OptionSyntax.TryParseName(text, out _) => settings => settings with { NetworkId = text },
        _ => throw OpenAiErrors.WrongValue("p2p_network_id", OptionSyntax.ExpectedName, Describe.Shorten(text)),
    };

    private WellKnownBody WellKnown() => new(
        "ManagedSwarm",
        Version,
        new Dictionary<string, string>(P2pEndpoints.Paths)
        {
            ["models"] = "/v1/models",
            ["chat_completions"] = "/v1/chat/completions",
            ["completions"] = "/v1/completions",
            ["settings"] = Path,
            ["swarm"] = SwarmEndpoints.Path,
            ["swarm_events"] = SwarmEndpoints.EventsPath,
        },
        new Dictionary<string, bool> { ["p2p"] = swarm.Current is not null });
}
