using ManagedSwarm.Server.Federation;
using ManagedSwarm.Server.Hosting;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>What a reply has taken at each stage, for clients that ask for it by a header.</summary>
/// <param name="models">Whose stages.</param>
/// <param name="time">The clock.</param>
/// <param name="node">The id of this node; null: it is in no swarm.</param>
internal sealed class ReplyTrace(ModelSlot models, TimeProvider time, string? node = null)
{
    /// <summary>The request's header: <c>1</c> asks for a trace.</summary>
    public const string Header = "X-ManagedSwarm-Trace";

    private readonly long _start = time.GetTimestamp();
    private readonly IReadOnlyList<StageWork> _before = models.Stages?.Work ?? [];
    private TimeSpan? _firstToken;

    /// <returns>Null: none is asked for.</returns>
    /// <exception cref="ApiException">400: the header says something else.</exception>
    public static ReplyTrace? Begin(HttpContext http, ModelSlot models, TimeProvider time) => http.Request.Headers[Header].ToString() switch
    {
        "" or "0" => null,
        "1" => new(models, time, http.Response.Headers[PeerHeaders.Node].ToString() is { Length: > 0 } node ? node : null),
        var other => throw OpenAiErrors.WrongValue(Header, "'1' or '0'", $"'{Describe.Shorten(other)}'"),
    };

    /// <summary>A part of the reply is there.</summary>
    public void Event() => _firstToken ??= time.GetElapsedTime(_start);

    /// <summary>The reply is at its end.</summary>
    public ExtensionBody End()
    {
        var elapsed = time.GetElapsedTime(_start);
        var before = _before.ToDictionary(stage => (stage.Node, stage.Layers));
        return new(new TraceBody(
            elapsed.TotalMilliseconds,
            (_firstToken ?? elapsed).TotalMilliseconds,
            [.. (models.Stages?.Work ?? []).Select(stage => Of(stage.Since(before.GetValueOrDefault((stage.Node, stage.Layers)))))],
            node));
    }

    private static StageTraceBody Of(StageWork work) => new(
        work.Node,
        work.Layers,
        work.Steps,
        work.Compute.TotalMilliseconds,
        work.Wait.TotalMilliseconds,
        work.Wire.TotalMilliseconds,
        work.Bytes);
}
