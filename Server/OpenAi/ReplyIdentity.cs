using System.Globalization;
using System.Security.Cryptography;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Server.Federation;

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

    /// <summary>As a member that goes on with the reply is told it.</summary>
    public string ToToken() => string.Create(CultureInfo.InvariantCulture, $"{Id} {Created} {Fingerprint}");

    /// <summary>That of a reply that another member began.</summary>
    /// <param name="token">As it has said by <see cref="ToToken"/>.</param>
    /// <exception cref="ApiException">It is not one.</exception>
    public ReplyIdentity GoOn(string token) =>
        token.Split(' ') is [var id, var created, var fingerprint] && long.TryParse(created, NumberStyles.None, CultureInfo.InvariantCulture, out var when)
            ? this with { Id = id, Created = when, Fingerprint = fingerprint }
            : throw OpenAiErrors.WrongValue(ResumePoint.Member, "an id, a time and a fingerprint", $"'{Describe.Shorten(token)}'");

    /// <summary>One chunk of a stream, or with <paramref name="usage"/> the whole answer.</summary>
    public Reply<TChoice> Reply<TChoice>(string kind, IReadOnlyList<TChoice> choices, Usage? usage = null, ExtensionBody? extension = null) => new(
        Id,
        kind,
        Created,
        Model,
        Fingerprint,
        choices,
        usage is not null ? new UsageField(usage) : UsageInChunks ? UsageField.Null : null,
        extension);

    /// <summary>OpenAI's word for why a choice ended.</summary>
    public static string Word(FinishReason reason) => reason == FinishReason.Length ? "length" : "stop";
}
