using System.Globalization;
using System.Text;

namespace ManagedSwarm.Bench.Reports;

/// <summary>What a command found, as a Markdown file: what was run on what, then a section for each part.</summary>
internal sealed class Report
{
    private readonly string _topic;
    private readonly StringBuilder _text = new();

    /// <param name="topic">Part of the file's name: <c>2026-11-23-speed.md</c>.</param>
    /// <param name="title">The heading.</param>
    /// <param name="settings">What was asked for, such as threads and kernels.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="variables">Environment variables that have a say in it.</param>
    public Report(string topic, string title, string settings, IEnumerable<string> arguments, IReadOnlyList<string>? variables = null)
    {
        _topic = topic;
        var load = Machine.LoadAverage() is { } average ? $"; load average before: {average}" : "";
        _text.Append(CultureInfo.InvariantCulture, $"# {title}\n\n{Today}, commit {Machine.Commit()}, {Machine.Describe()}; {settings}{load}.\n\n");
        _text.Append("```\n").AppendJoin("", (variables ?? []).Select(Assignment));
        _text.Append("dotnet run -c Release --project Bench -- ").AppendJoin(' ', arguments.Select(Quote)).Append("\n```\n");
    }

    private static string Today => DateTime.Now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public void AddParagraph(string text) => _text.Append('\n').Append(text).Append('\n');

    public void AddSection(string heading) => _text.Append(CultureInfo.InvariantCulture, $"\n## {heading}\n");

    public void AddTable(MarkdownTable table) => _text.Append('\n').Append(table);

    /// <summary>Writes the file, and the same to standard output.</summary>
    /// <param name="path">Where to; null: a new file in Bench/results, or here where there is no such folder.</param>
    public void Save(string? path)
    {
        path ??= NewFile();
        File.WriteAllText(path, _text.ToString());
        Console.Out.Write(_text.ToString());
        Progress.Say($"written to {path}");
    }

    private static string Assignment(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? Quote($"{variable}={value}") + " " : "";

    private string NewFile()
    {
        var folder = ResultsFolder();
        var paths = Enumerable.Range(1, int.MaxValue)
            .Select(number => Path.Combine(folder, number == 1 ? $"{Today}-{_topic}.md" : $"{Today}-{_topic}-{number}.md"));
        return paths.First(path => !File.Exists(path));
    }

    private static string ResultsFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ManagedSwarm.sln")))
            {
                return Path.Combine(folder.FullName, "Bench", "results");
            }
        }

        return Directory.GetCurrentDirectory();
    }

    /// <summary>As it would be typed, with files by their names only: where they lay says nothing to others.</summary>
    private static string Quote(string argument)
    {
        var (name, path) = argument.Split('=', 2) is [var before, var after] ? (before + "=", after) : ("", argument);
        var text = name + (Path.IsPathRooted(path) ? Path.GetFileName(path) : path);
        return text.Contains(' ', StringComparison.Ordinal) ? $"'{text}'" : text;
    }
}
