using ManagedSwarm.Bench.Decode;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Model;

namespace ManagedSwarm.Bench.Serving;

/// <summary>Requests to a whole model, scheduler and sampling included, as the server makes them.</summary>
internal sealed class RequestLoad : IAsyncDisposable
{
    private const int PromptTokens = 16;

    private readonly LanguageModel _model;
    private readonly Random _random = new(1);
    private readonly int _token;

    private RequestLoad(LanguageModel model)
    {
        _model = model;
        _token = model.Tokenizer.Encode("a", addSpecial: false, parseSpecial: false)[^1];
    }

    /// <param name="path">A GGUF file.</param>
    /// <param name="settings">Threads and KV cache.</param>
    /// <param name="sequences">Requests that have room at once.</param>
    /// <param name="context">Tokens of each.</param>
    public static async Task<RequestLoad> LoadAsync(string path, EngineSettings settings, int sequences, int context) =>
        new(await LanguageModel.LoadAsync(path, settings.ModelOptions(sequences, context)));

    /// <summary>Tokens per second of so many replies at once, all together.</summary>
    public async Task<double> DecodeAsync(int concurrent, int tokens)
    {
        // Asked by threads of their own, so that they are in flight at once.
        var replies = Enumerable.Range(0, concurrent).Select(_ => RandomTokens(PromptTokens)).ToList()
            .ConvertAll(prompt => Task.Run(() => TokenTimes.AskAsync(_model.Generator, prompt, tokens, _token)));
        return TokenTimes.Rate(await Task.WhenAll(replies));
    }

    /// <summary>
    /// Seconds to the first token of a prompt whose beginning nobody has seen yet, then of another one with the same beginning.
    /// </summary>
    public async Task<(double Unseen, double Seen)> FirstTokenAsync(int prefix, int rest)
    {
        var beginning = RandomTokens(prefix);
        return (await AskAsync(), await AskAsync());

        async Task<double> AskAsync() =>
            (await TokenTimes.AskAsync(_model.Generator, [.. beginning, .. RandomTokens(rest)], 1, _token)).ToFirst;
    }

    /// <summary>Bytes of keys and values of so many tokens.</summary>
    public long KvBytes(KvType type, int tokens) => (long)(KvCache.BytesPerToken(_model.Config, _model.Config.LayerCount, type) * tokens);

    public ValueTask DisposeAsync() => _model.DisposeAsync();

    private int[] RandomTokens(int count) => [.. Enumerable.Range(0, count).Select(_ => _random.Next(_model.Config.VocabularySize))];
}
