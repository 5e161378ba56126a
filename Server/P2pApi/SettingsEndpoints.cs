using System.Text.Json;
using ManagedSwarm.Server.Commands;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Server.P2pApi;

/// <summary>
/// LocalAI's <c>/api/settings</c>, as far as it is about P2P: starts, changes and stops it while the server runs. What it changes holds at
/// the next start, too, where the command line and the environment say nothing else. And <c>/.well-known/localai.json</c>, by which programs
/// find out what this one can do.
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
            await swarm.ChangeAsync(change.Apply, http.RequestAborted, change.Save);
        }
        catch (StartException reason)
        {
            throw SwarmErrors.StartFailed(reason, isMember: swarm.Current is not null);
        }

        var now = Current();
        var message = swarm.Current is null ? "P2P is off" : "P2P runs";
        await JsonAnswer.WriteAsync(
            http,
            StatusCodes.Status200OK,
            new SettingsAnswer(true, message, now.P2pToken, now.P2pNetworkId, now.Federated),
            SwarmJson.Wire.SettingsAnswer);
    }

    private static SettingsChange Read(JsonParameters parameters)
    {
        var change = new SettingsChange
        {
            Token = ReadToken(parameters.Text("p2p_token")),
            NetworkId = ReadNetworkId(parameters.Text("p2p_network_id")),
        };
        parameters.Tolerate("federated", value => value.ValueKind == JsonValueKind.False, "only false is possible with this version");
        parameters.End();
        return change;
    }

    private static TokenChange? ReadToken(string? text)
    {
        try
        {
            return text switch
            {
                null => null,
                "" => new(IsOn: false, IsNew: false, Token: null),
                Generate => new(IsOn: true, IsNew: true, Token: null),
                _ => new(IsOn: true, IsNew: true, SwarmToken.Parse(text)),
            };
        }
        catch (SwarmException exception)
        {
            throw OpenAiErrors.WrongValue("p2p_token", "a token, \"0\" for a new one or \"\" for none", exception.Message);
        }
    }

    private static string? ReadNetworkId(string? text) => text is null or "" || OptionSyntax.TryParseName(text, out _)
        ? text
        : throw OpenAiErrors.WrongValue("p2p_network_id", OptionSyntax.ExpectedName, Describe.Shorten(text));

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
