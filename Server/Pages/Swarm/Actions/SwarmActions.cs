using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Server.P2pApi;
using ManagedSwarm.Server.Pages.Access;
using ManagedSwarm.Server.Serving;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Server.Pages.Swarm.Actions;

/// <summary>What a visitor who may can do to this node and its swarm. What comes of it is a line for people.</summary>
internal sealed class SwarmActions(SwarmService swarm, ModelService models, SwarmJournal journal, Visitor visitor)
{
    private const string Refused = "Only this machine, or who has signed in, may do this.";

    /// <summary>Joins a swarm, and does so at the next start, too.</summary>
    /// <param name="token">Its token; empty: a new one.</param>
    public Task<string> StartAsync(string token) => DoAsync(async () =>
    {
        var change = new SettingsChange { Token = new(IsOn: true, IsNew: true, token.Length == 0 ? null : SwarmToken.Parse(token)) };
        await swarm.ChangeAsync(change.Apply, CancellationToken.None, change.Save);
        return token.Length == 0 ? "A new swarm has begun." : "This node has joined the swarm.";
    });

    /// <summary>Leaves the swarm; it is not joined at the next start, either.</summary>
    public Task<string> LeaveAsync() => DoAsync(async () =>
    {
        var change = new SettingsChange { Token = new(IsOn: false, IsNew: false, Token: null) };
        await swarm.ChangeAsync(change.Apply, CancellationToken.None, change.Save);
        return "This node has left the swarm.";
    });

    /// <summary>Asks a worker to hand its layers over and to leave.</summary>
    public Task<string> DrainAsync(string id) => DoAsync(async () =>
    {
        var member = swarm.Current?.Members.FirstOrDefault(member => member.Id.ToString() == id);
        if (member is null)
        {
            return "That node is not there any more.";
        }

        if (member.IsSelf)
        {
            await swarm.HandOverAsync();
            await swarm.LeaveAsync();
            return "This node has handed its layers over, and left.";
        }

        await swarm.DrainAsync(member, CancellationToken.None);
        journal.Add($"{member.Facts.Name} was asked to hand its layers over, and to leave");
        return $"{member.Facts.Name} hands its layers over, and leaves.";
    });

    /// <summary>Begins to load a model on this node, in the place of the one that is there.</summary>
    public Task<string> LoadAsync(ModelChoice choice) => DoAsync(() =>
    {
        models.Replace(choice);
        return Task.FromResult($"{choice.Model} is being loaded.");
    });

    /// <summary>Frees a model on this node, or gives up loading it.</summary>
    public Task<string> UnloadAsync(string model) => DoAsync(async () =>
    {
        var stages = swarm.Stages?.Host is { } host ? await host.UnloadAsync(model) : 0;
        var isServed = await models.UnloadAsync(model);
        if (stages == 0 && !isServed)
        {
            return $"{model} is not here any more.";
        }

        journal.Add($"{model} was unloaded from this node");
        return $"{model} is unloaded.";
    });

    private async Task<string> DoAsync(Func<Task<string>> action)
    {
        if (!await visitor.MayActAsync())
        {
            return Refused;
        }

        try
        {
            return await action();
        }
        catch (Exception exception) when (exception is SwarmException or StartException)
        {
            return $"It did not work: {exception.Message}.";
        }
    }
}
