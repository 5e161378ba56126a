using System.Text;

namespace ManagedSwarm.Bench.Reports;

/// <summary>A table as Markdown has it.</summary>
internal sealed class MarkdownTable(params string[] headings)
{
    private readonly List<string[]> _rows = [];

    public MarkdownTable Add(params IEnumerable<string> cells)
    {
        string[] row = [.. cells];
        if (row.Length != headings.Length)
        {
            throw new ArgumentException($"a row has {row.Length} cells, the table {headings.Length} columns");
        }

        _rows.Add(row);
        return this;
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        Append(text, headings);
        text.Append('|').Insert(text.Length, "---|", headings.Length).Append('\n');
        _rows.ForEach(row => Append(text, row));
        return text.ToString();
    }

    private static void Append(StringBuilder text, string[] cells) =>
        text.Append("| ").AppendJoin(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
}
