using System.Net.Sockets;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Server.Commands;

/// <summary>What <c>run</c> and <c>worker</c> have in common as members of a swarm.</summary>
internal static class MemberRun
{
    /// <summary>How this node is a member, as the options say.</summary>
    /// <exception cref="UsageException">An option's value is not what it expects, or two of them cannot be together.</exception>
    public static SwarmSetup Setup(OptionValues values, CommandContext context, Func<SwarmSettings, SwarmSettings> change)
    {
        var saved = ReadSaved(context);
        return new()
        {
            Start = context.StartSwarm,
            Folders = context.Folders,
            Settings = change(ReadSettings(values, saved, context)),
            Saved = saved,
            MeasureBandwidth = context.MeasureBandwidth,
        };
    }

    /// <summary>Says so where strangers can use the API.</summary>
    public static void WarnIfOpen(ApiServerOptions options, CommandContext context)
    {
        if (options.Address.IsPublic && options.ApiKeys.Count == 0)
        {
            context.Error.WriteLine(
                $"warning: {options.Address} can be reached from other machines and no --api-key is set: anyone who reaches it can use it");
        }
    }

    /// <exception cref="UsageException">It is not asked for, though the command is nothing without.</exception>
    public static void RequireSwarm(SwarmSetup setup)
    {
        if (!setup.Settings.IsOn)
        {
            throw new UsageException(
                $"expected the swarm's token: {SwarmCommandOptions.Token.LongName} {SwarmCommandOptions.Token.ValueName} or "
                + $"{SwarmCommandOptions.Token.EnvironmentVariable}, or {SwarmCommandOptions.P2p.LongName} to begin a new swarm");
        }
    }

    /// <summary>Joins the swarm, if it is asked for, and says so; of a new one, how others join it.</summary>
    /// <exception cref="StartException">It cannot; says why.</exception>
    public static async Task JoinAsync(SwarmService service, CommandContext context)
    {
        var isNew = service.Settings.Token is null;
        if (!service.Settings.IsOn)
        {
            return;
        }

        var swarm = await service.StartAsync(context.Terminated);
        var self = swarm.Members.FirstOrDefault(member => member.IsSelf);
        context.Output.WriteLine($"{(isNew ? "Began a new swarm" : "Joined the swarm")} as {self?.Facts.Name} ({swarm.Self})");
        foreach (var address in swarm.Addresses)
        {
            context.Output.WriteLine($"Members reach it at {address}");
        }

        if (isNew)
        {
            context.Output.WriteLine("The next machine joins by:");
            context.Output.WriteLine("  " + JoinCommands.Worker(swarm.Token, service.Settings.NetworkId).Text);
        }
    }

    /// <summary>Waits for Ctrl-C or SIGTERM.</summary>
    public static async Task UntilTerminatedAsync(CommandContext context)
    {
        var terminated = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = context.Terminated.Register(terminated.SetResult);
        await terminated.Task;
    }

    // What was saved must not keep a model from being served.
    private static SavedSettings ReadSaved(CommandContext context)
    {
        try
        {
            return SettingsFile.Read(context.Folders.Configuration);
        }
        catch (StartException exception)
        {
            context.Error.WriteLine($"warning: what was saved by /api/settings is ignored: {exception.Message}");
            return new();
        }
    }

    private static SwarmSettings ReadSettings(OptionValues values, SavedSettings saved, CommandContext context)
    {
        var isOn = values.Get(SwarmCommandOptions.P2p);
        var token = ReadToken(values, context, isOn);
        var isSavedOn = saved.IsOn == true && values.Find(SwarmCommandOptions.P2p) is null;
        return new()
        {
            IsOn = isOn || isSavedOn || token is not null,
            Token = token ?? saved.Token,
            NetworkId = values.Get(SwarmCommandOptions.NetworkId) ?? saved.NetworkId,
            Listen = ReadListen(values),
            Announce = values.GetAll(SwarmCommandOptions.Announce),
            Bootstrap = values.GetAll(SwarmCommandOptions.Bootstrap),
            UsesDht = values.Get(SwarmCommandOptions.Dht),
            MdnsInterfaces = ReadMdns(values),
            IsLimited = values.Get(SwarmCommandOptions.Limits),
            IdentityFile = values.Get(SwarmCommandOptions.Identity),
            NodeName = values.Get(SwarmCommandOptions.NodeName),
        };
    }

    // A variable of so plain a name may be anything's, and must not keep a model from being served.
    private static SwarmToken? ReadToken(OptionValues values, CommandContext context, bool isOn)
    {
        if (!isOn
            && values.Find(SwarmCommandOptions.Token) is { Source: SwarmCommandOptions.GenericVariable, Texts: [var text] }
            && !SwarmToken.TryParse(text, out _))
        {
            context.Error.WriteLine($"warning: the variable {SwarmCommandOptions.GenericVariable} is ignored: {SwarmCommandOptions.Token.Explain(text)}");
            return null;
        }

        return values.Get(SwarmCommandOptions.Token);
    }

    private static IReadOnlyList<Multiaddress> ReadListen(OptionValues values)
    {
        var listen = values.GetAll(SwarmCommandOptions.Listen);
        var port = values.Get(SwarmCommandOptions.Port);
        return (listen.Count, port) switch
        {
            (_, 0) => listen,
            (0, _) => [.. AnyAddresses().Select(address => Multiaddress.Parse($"{address}/tcp/{port}"))],
            _ => throw new UsageException(
                $"{SwarmCommandOptions.Listen.LongName} and {SwarmCommandOptions.Port.LongName} both say where to listen: expected one of them"),
        };
    }

    private static IEnumerable<string> AnyAddresses() => Socket.OSSupportsIPv6 ? ["/ip4/0.0.0.0", "/ip6/::"] : ["/ip4/0.0.0.0"];

    private static IReadOnlyList<string>? ReadMdns(OptionValues values)
    {
        var interfaces = values.GetAll(SwarmCommandOptions.Mdns);
        return interfaces.Count == 0 ? null
            : !interfaces.Contains(SwarmCommandOptions.MdnsOff) ? interfaces
            : interfaces.Count == 1 ? []
            : throw new UsageException($"{SwarmCommandOptions.Mdns.LongName}: expected '{SwarmCommandOptions.MdnsOff}' alone, or interfaces");
    }
}
