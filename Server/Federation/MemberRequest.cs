using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Server.OpenAi;

namespace ManagedSwarm.Server.Federation;

/// <summary>What a request of another member asks beside what clients may: for the ids of tokens, or to go on with a reply.</summary>
/// <param name="answer">Told what its chunks have in common.</param>
/// <param name="wantsTokens">Whether the ids of a stream's tokens are wanted.</param>
/// <param name="resume">Where a reply is to be gone on with; null: it begins.</param>
internal sealed class MemberRequest(HttpResponse answer, bool wantsTokens, ResumePoint? resume)
{
    /// <returns>Null: it is a client's.</returns>
    /// <exception cref="ApiException">Where it goes on is not said as it should be.</exception>
    public static MemberRequest? Read(HttpContext http, JsonParameters parameters) => PeerRequest.PeerOf(http) is null
        ? null
        : new(http.Response, http.Request.Headers[PeerHeaders.WantsTokens] == "1", ResumePoint.Read(parameters));

    /// <exception cref="ApiException">There are several replies: nobody goes on with those.</exception>
    public ReplyRequest Apply(ReplyRequest request)
    {
        if (resume is not null && (request.ChoiceCount != 1 || !request.Stream))
        {
            throw OpenAiErrors.Unsupported(ResumePoint.Member, "allowed only with one reply and 'stream': true");
        }

        return request with
        {
            GivesTokens = wantsTokens && request is { Stream: true, ChoiceCount: 1 },
            Prompts = resume is null ? request.Prompts : [request.Prompts[0] with { Begun = new BegunReply(resume.Tokens, resume.TextLength) }],
        };
    }

    public ReplyIdentity Apply(ReplyIdentity identity)
    {
        var applied = resume is null ? identity : identity.GoOn(resume.Identity);
        if (wantsTokens)
        {
            answer.Headers[PeerHeaders.Reply] = applied.ToToken();
        }

        return applied;
    }
}
