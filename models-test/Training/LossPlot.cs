using System.Globalization;
using System.Text;

namespace ManagedSwarm.ModelsTest.Training;

/// <summary>Draws the loss of training as SVG: nats per token over steps, on a logarithmic scale.</summary>
public static class LossPlot
{
    private const int Width = 720;
    private const int Height = 360;
    private const int Margin = 48;

    private static readonly double[] Ticks = [0.25, 0.5, 1, 2, 4, 8];

    /// <summary>Writes the plot.</summary>
    /// <param name="path">The file.</param>
    /// <param name="training">The loss of each step.</param>
    /// <param name="heldOut">The loss of held-out tales, at some steps.</param>
    public static void Save(string path, IReadOnlyList<float> training, IReadOnlyList<(int Step, float Loss)> heldOut)
    {
        ArgumentNullException.ThrowIfNull(training);
        var all = training.Concat(heldOut.Select(point => point.Loss)).ToArray();
        var (low, high) = (Math.Log(all.Min() * 0.9), Math.Log(all.Max() * 1.1));
        var svg = new StringBuilder();
        svg.AppendLine(Invariant($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" font-family="sans-serif" font-size="12">"""));
        svg.AppendLine(Invariant($"""<rect width="{Width}" height="{Height}" fill="white"/>"""));
        foreach (var tick in Ticks.Where(tick => Math.Log(tick) > low && Math.Log(tick) < high))
        {
            svg.AppendLine(Invariant($"""<path d="M{Margin},{Y(tick):F1}H{Width - Margin}" stroke="#ddd"/><text x="8" y="{Y(tick) + 4:F1}">{tick}</text>"""));
        }

        svg.AppendLine(Line(training.Select((loss, step) => (X(step), Y(loss))), "#8ab"));
        svg.AppendLine(Line(heldOut.Select(point => (X(point.Step), Y(point.Loss))), "#c40"));
        svg.AppendLine(Invariant($"""<text x="{Margin}" y="{Height - 16}">nats per token over {training.Count} steps: training (blue), held-out pairs (red)</text>"""));
        svg.AppendLine("</svg>");
        File.WriteAllText(path, svg.ToString());

        double X(int step) => Margin + ((double)step / Math.Max(1, training.Count - 1) * (Width - (2 * Margin)));
        double Y(double loss) => Height - Margin - ((Math.Log(loss) - low) / (high - low) * (Height - (2 * Margin)));
    }

    private static string Line(IEnumerable<(double X, double Y)> points, string colour)
    {
        var path = string.Join('L', points.Select(point => Invariant($"{point.X:F1},{point.Y:F1}")));
        return $"""<path d="M{path}" fill="none" stroke="{colour}"/>""";
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
