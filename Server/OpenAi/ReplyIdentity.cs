using System.Security.Cryptography;
using ManagedSwarm.Engine.Generation;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>What all chunks of one answer have in common.</summary>
/// <param name="Id">Unique: <c>chatcmpl-…</c>, <c>cmpl-…</c>.</param>
/// <param name="Created">When, in Unix seconds.</param>
/// <param name="Model">The model's id.</param>
/// <param name="Fingerprint">See <see cref="IServedModel.Fingerprint"/>.</param>
/// <param name="UsageInChunks">Whether each chunk of the stream has the member <c>usage</c>.</param>
/// <param name="LogProbs">Whether log-probabilities were asked for.</param>
internal sealed record ReplyIdentity(string Id, long Created, string Model, string Fingerprint, bool UsageInChunks, bool LogProbs)
{
    /// <param name="prefix">What the id begins with.</param>
    /// <param name="request">The request.</param>
    /// <param name="model">The model that answers.</param>
    /// <param name="time">The clock.</param>
    public static ReplyIdentity New(string prefix, ReplyRequest request, IServedModel model, TimeProvider time) => new(
        prefix + RandomNumberGenerator.GetHexString(24, lowercase: true),
        time.GetUtcNow().ToUnixTimeSeconds(),
        model.Id,
        model.Fingerprint,
        request is { Stream: true, IncludeUsage: true },
        request.Prompts[0].TopLogProbs is not null);

    /// <summary>One chunk of a stream, or with <paramref name="usage"/> the whole answer.</summary>
    public Reply<TChoice> Reply<TChoice>(string kind, IReadOnlyList<TChoice> choices, Usage? usage = null) => new(
        Id, kind, Created, Model, Fingerprint, choices, usage is not null ? new UsageField(usage) : UsageInChunks ? UsageField.Null : null);

    /// <summary>OpenAI's word for why a choice ended.</summary>
    public static string Word(FinishReason reason) => reason == FinishReason.Length ? "length" : "stop";
}
