using System.Text.RegularExpressions;
using ManagedSwarm.Server.Commands;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.Pages.Swarm;
using ManagedSwarm.Server.Pages.Swarm.Joining;
using ManagedSwarm.Tests.Server.Commands;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Tests.Server.Pages.Swarm;

/// <summary>What the page tells people to type is what the program understands.</summary>
public sealed partial class JoinWaysTests
{
    private static readonly SwarmToken Token = SwarmToken.Generate();

    public static TheoryData<string, string?, bool> Ways()
    {
        var ways = new TheoryData<string, string?, bool>();
        foreach (var way in JoinWays.All)
        {
            foreach (var networkId in new[] { null, "the 'back' office", "-p" })
            {
                ways.Add(way.Name, networkId, false);
                ways.Add(way.Name, networkId, true);
            }
        }

        return ways;
    }

    /// <summary>The whole way: as a shell takes it apart, the real parser, and the swarm that it joins.</summary>
    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Each_command_joins_the_swarm(string name, string? networkId, bool isHere)
    {
        string[] program = isHere ? ["/some where/managedswarm"] : ["managedswarm"];
        var command = JoinWays.All.Single(way => way.Name == name).Create(Token, networkId, isHere ? program : null);
        var words = ShellWords(command.Text);
        Assert.Equal(program, words[..program.Length]);

        await using var run = new RecordedRun([.. words[program.Length..], .. !isHere && name != "worker" ? new[] { "--address", "127.0.0.1:0" } : []]);
        await run.JoinedAsync();

        Assert.Equal(new SwarmKeys(Token.InSubnetwork(networkId)).Network, new SwarmKeys(run.Swarm!.Options.Token).Network);
        string[] roles = name switch { "worker" => [NodeRole.Worker], "instance" => [NodeRole.Head, NodeRole.Instance], _ => [NodeRole.Router] };
        Assert.Equal(roles, run.Swarm.Members[0].Facts.Roles);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void No_command_shows_the_token_unless_it_is_asked_for(string name, string? networkId, bool isHere)
    {
        var command = JoinWays.All.Single(way => way.Name == name).Create(Token, networkId, isHere ? JoinCommands.Here : null);

        Assert.DoesNotContain(Token.Reveal(), command.Masked, StringComparison.Ordinal);
        Assert.DoesNotContain(Token.Reveal(), command.ToString(), StringComparison.Ordinal);
        Assert.Equal(command.Text, command.Masked.Replace("mswarm1:••••••••", Token.Reveal(), StringComparison.Ordinal));
    }

    [Fact]
    public void The_command_that_begins_a_swarm_is_one()
    {
        var context = new CommandContext
        {
            Output = TextWriter.Null,
            Error = TextWriter.Null,
            IsTerminal = false,
            Environment = _ => null,
            LoadModel = (_, _, _, _, _, _, _) => Task.FromException<IServedModel>(new NotSupportedException()),
            StartSwarm = (_, _) => Task.FromException<ISwarm>(new NotSupportedException()),
            Terminated = TestContext.Current.CancellationToken,
        };

        Assert.Empty(CommandLine.Parse(OffPanel.Command.Split(' ')[1..], context).Errors);
    }

    [Theory]
    [InlineData("/usr/bin/dotnet", "/x/managedswarm.dll", "dotnet /x/managedswarm.dll")]
    [InlineData("/x/managedswarm", "/x/managedswarm.dll", "/x/managedswarm")]
    [InlineData(null, "/x/managedswarm.dll", "managedswarm")]
    [InlineData("/x/managedswarm", "", "managedswarm")]
    public void Finds_the_program_that_runs_here(string? process, string assembly, string expected) =>
        Assert.Equal(expected, string.Join(' ', JoinCommands.FindHere(process, assembly)));

    private static string[] ShellWords(string line) => [.. Word().Matches(line).Select(match => Quoted().Replace(match.Value, part => part.Value == @"\'" ? "'" : part.Value[1..^1]))];

    [GeneratedRegex(@"(?:'[^']*'|\\'|[^\s'\\])+")]
    private static partial Regex Word();

    [GeneratedRegex(@"'[^']*'|\\'")]
    private static partial Regex Quoted();
}
