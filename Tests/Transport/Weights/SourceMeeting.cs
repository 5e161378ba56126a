using ManagedSwarm.Transport.Weights;

namespace ManagedSwarm.Tests.Transport.Weights;

/// <summary>Two sources neither of which answers before both have been asked: so both of them have a part in what is fetched.</summary>
internal sealed class SourceMeeting : IAsyncDisposable
{
    private readonly TaskCompletionSource[] _asked = [NewSignal(), NewSignal()];
    private readonly List<ScriptedSource> _sources = [];

    private SourceMeeting()
    {
    }

    public IReadOnlyList<WeightSource> Sources => [.. _sources.Select(source => source.Source)];

    /// <summary>Requests that each of them got.</summary>
    public IReadOnlyList<int> Requests => [.. _sources.Select(source => source.Requests)];

    /// <param name="answer">To a request, by source 0 or 1; null: the stream is reset.</param>
    public static async Task<SourceMeeting> StartAsync(Func<PieceRequest, int, byte[]?> answer)
    {
        var meeting = new SourceMeeting();
        for (var source = 0; source < meeting._asked.Length; source++)
        {
            var number = source;
            meeting._sources.Add(await ScriptedSource.StartAsync(async (request, _) =>
            {
                meeting._asked[number].TrySetResult();
                await Task.WhenAll(meeting._asked.Select(asked => asked.Task));
                return answer(request, number);
            }));
        }

        return meeting;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var source in _sources)
        {
            await source.DisposeAsync();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
