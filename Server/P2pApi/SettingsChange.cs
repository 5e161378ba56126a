using ManagedSwarm.Server.P2p;

namespace ManagedSwarm.Server.P2pApi;

/// <summary>What <c>POST /api/settings</c> asks for.</summary>
internal sealed record SettingsChange
{
    /// <summary>Null: as it is.</summary>
    public TokenChange? Token { get; init; }

    /// <summary>The part of the swarm; empty: none; null: as it is.</summary>
    public string? NetworkId { get; init; }

    /// <summary>The settings after it.</summary>
    public SwarmSettings Apply(SwarmSettings settings) => settings with
    {
        IsOn = Token?.IsOn ?? settings.IsOn,
        Token = Token is { IsNew: true } ? Token.Token : settings.Token,
        NetworkId = NetworkId is null ? settings.NetworkId : NameOrNull(NetworkId),
    };

    /// <summary>What of it holds at the next start, too.</summary>
    /// <param name="saved">What did before.</param>
    /// <param name="settings">The settings after it, with the token that it has made.</param>
    public SavedSettings Save(SavedSettings saved, SwarmSettings settings) => new(
        Token?.IsOn ?? saved.IsOn,
        Token is { IsNew: true } ? settings.Token : saved.Token,
        NetworkId is null ? saved.NetworkId : NameOrNull(NetworkId));

    private static string? NameOrNull(string name) => name.Length == 0 ? null : name;
}
