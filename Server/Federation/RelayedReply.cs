using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.Federation;

/// <summary>A streamed reply on its way to the client, and what another instance must know to go on with it.</summary>
internal sealed class RelayedReply
{
    private readonly List<int> _tokens = [];
    private SseWriter? _sse;
    private ModelFacts? _model;
    private string? _identity;
    private string _last = "";
    private byte[]? _error;
    private int _textLength;

    /// <summary>Whether the client has seen some of it.</summary>
    public bool HasBegun => _sse is not null;

    /// <summary>Whether what it takes to go on with it is known.</summary>
    public bool CanBeResumed => _identity is not null && _model is { Hash.Length: > 0, Numerics.Length: > 0 };

    /// <summary>Whether the instance that answered last ended it with an error.</summary>
    public bool HasError => _error is not null;

    /// <summary>Whether an instance that has this model could begin with it, or go on.</summary>
    public bool CanBeOf(ModelFacts model) =>
        !HasBegun || (CanBeResumed && model.Hash == _model!.Hash && model.Numerics == _model.Numerics);

    /// <summary>What whoever goes on is told.</summary>
    public ResumePoint Point => new(_identity ?? "", [.. _tokens], _textLength);

    /// <summary>An instance answers, the first or the next.</summary>
    /// <param name="lease">Which.</param>
    /// <param name="identity">What it says that its chunks have in common; null: nothing, and nobody can go on with them.</param>
    public void From(RouteLease lease, string? identity)
    {
        (_last, _error) = (lease.Name, null);
        if (!HasBegun)
        {
            (_model, _identity) = (lease.Model, identity);
        }
    }

    /// <summary>Sends an event to the client; the ids that stand before it are kept.</summary>
    /// <param name="http">The client's request.</param>
    /// <param name="sent">The event, with the empty line behind it.</param>
    public async Task WriteAsync(HttpContext http, ReadOnlyMemory<byte> sent)
    {
        _sse ??= new SseWriter(http.Response);
        await _sse.WriteRawAsync(TokenComment.Strip(sent, this), http.RequestAborted);
    }

    /// <summary>More of it is sent.</summary>
    /// <param name="tokens">The tokens that it came from.</param>
    /// <param name="textLength">How long its text is by now, in UTF-16 characters.</param>
    public void Note(IEnumerable<int> tokens, int textLength)
    {
        _tokens.AddRange(tokens);
        _textLength = textLength;
    }

    /// <summary>An instance ended it with this event, which may not have to be the end.</summary>
    public void KeepError(byte[] sent) => _error = sent;

    /// <summary>Tells the client that there will be no more.</summary>
    public async Task BreakOffAsync(HttpContext http)
    {
        if (_error is not null)
        {
            await _sse!.WriteRawAsync(_error, http.RequestAborted);
        }
        else
        {
            await _sse!.WriteErrorAsync(FederationErrors.InstanceLost(_last), http.RequestAborted);
        }
    }
}
