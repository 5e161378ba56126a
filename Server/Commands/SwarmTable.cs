using System.Globalization;
using ManagedSwarm.Server.P2pApi;
using ManagedSwarm.Transport.Membership;
using Spectre.Console;

namespace ManagedSwarm.Server.Commands;

/// <summary>Members as a table for people.</summary>
internal static class SwarmTable
{
    /// <summary>Where the output is no terminal: wide enough that no cell breaks.</summary>
    private const int FileWidth = 240;

    /// <summary>The last characters of an id tell nodes apart; the first are those of all.</summary>
    private const int IdChars = 8;

    private static readonly string[] Columns =
        ["Name", "Id", "State", "Roles", "Device", "Cores", "Memory", "Models", "Load", "Round trip", "Seen", "Address"];

    private static readonly int StateColumn = Array.IndexOf(Columns, "State");

    public static void Write(TextWriter output, SwarmBody swarm)
    {
        if (!swarm.Enabled)
        {
            output.WriteLine("This node is in no swarm.");
            return;
        }

        output.WriteLine($"Network {ShownText.Fit(swarm.Network ?? "")}{(swarm.NetworkId is { } part ? $", part {ShownText.Fit(part)}" : "")}");
        var table = new Table().RoundedBorder();
        foreach (var column in Columns)
        {
            table.AddColumn(new TableColumn(new Text(column)));
        }

        foreach (var member in swarm.Members)
        {
            table.AddRow(CellsOf(member).Select((text, at) => new Text(ShownText.Fit(text), at == StateColumn ? StyleOf(member.State) : Style.Plain)));
        }

        ConsoleFor(output).Write(table);
    }

    /// <summary>A console on a writer: plain and wide where that is no terminal, whatever the environment says of one.</summary>
    public static IAnsiConsole ConsoleFor(TextWriter output)
    {
        var target = new AnsiConsoleOutput(output);
        if (target.IsTerminal)
        {
            return AnsiConsole.Create(new AnsiConsoleSettings { Out = target });
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = target, Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
        console.Profile.Width = FileWidth;
        return console;
    }

    private static IEnumerable<string> CellsOf(MemberBody member) =>
    [
        member.Name + (member.IsSelf ? " (this node)" : ""),
        "…" + (member.Id.Length > IdChars ? member.Id[^IdChars..] : member.Id),
        member.State,
        string.Join(", ", member.Roles),
        member.Device,
        member.Cores.ToString(CultureInfo.InvariantCulture),
        $"{SizeOf(member.FreeMemory)} of {SizeOf(member.TotalMemory)} free",
        string.Join(", ", member.Models.Select(model => model.Id)),
        $"{member.Load.InFlight} + {member.Load.Queued} waiting",
        member.RoundTripSeconds is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:0.0} ms") : "",
        member.IsSelf ? "" : AgeOf(member.SecondsSinceSeen),
        member.RemoteAddress ?? (member.IsSelf ? "" : "not connected"),
    ];

    private static string SizeOf(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 30):0.0} GiB");

    private static string AgeOf(double seconds) => seconds switch
    {
        < 60 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s ago"),
        < 3600 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0} min ago"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0} h ago"),
    };

    private static Style StyleOf(string state) => new(state switch
    {
        "alive" => Color.Green,
        "suspect" => Color.Yellow,
        "lost" => Color.Red,
        _ => Color.Default,
    });
}
