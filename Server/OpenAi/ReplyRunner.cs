using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Server.Diagnostics;
using ManagedSwarm.Server.Federation;
using ManagedSwarm.Server.Hosting;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>Runs a parsed request and writes its answer, whole or as a stream.</summary>
internal sealed class ReplyRunner(ShutdownDrain drain, ModelSlot models, TokenRate rate, TimeProvider time, ILogger<ReplyRunner> logger)
{
    /// <summary>
    /// Answers. When the client goes away, or the server's time to drain is over, the generation is cancelled, which frees its compute
    /// by the next step.
    /// </summary>
    /// <exception cref="Exception">Nothing was sent yet: the error is still to become a status.</exception>
    public async Task AnswerAsync(HttpContext http, IServedModel model, ReplyRequest request, IReplyFormat format)
    {
        var trace = ReplyTrace.Begin(http, models, time);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, drain.Expired);
        rate.Begin();
        try
        {
            var meter = new ReplyMeter(request, model.Generator, time);
            await using var events = GenerateAsync(model.Generator, request, trace, meter, cancel.Token).GetAsyncEnumerator(CancellationToken.None);
            await (request.Stream
                ? StreamAsync(http, request, format, events, trace, cancel.Token)
                : CollectAsync(http, request, format, events, trace));
            if (meter.Result is { } measured)
            {
                models.Stages?.Measured(measured);
            }
        }
        catch (OperationCanceledException exception) when (IsDrained(http))
        {
            throw OpenAiErrors.ShuttingDown(exception);
        }
        finally
        {
            rate.End();
        }
    }

    private bool IsDrained(HttpContext http) => drain.Expired.IsCancellationRequested && !http.RequestAborted.IsCancellationRequested;

    // Prompts run one after another: a request with many of them takes no more of the batch than one with 'n' choices does.
    private async IAsyncEnumerable<GenerationEvent> GenerateAsync(
        IGenerator generator,
        ReplyRequest request,
        ReplyTrace? trace,
        ReplyMeter meter,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var firstChoice = 0;
        foreach (var prompt in request.Prompts)
        {
            await foreach (var happened in generator.GenerateAsync(prompt, cancellationToken).WithCancellation(cancellationToken))
            {
                trace?.Event();
                meter.Heard(happened);
                rate.Add((happened as TextGenerated)?.Tokens.Count ?? 0);
                yield return happened with { Choice = happened.Choice + firstChoice };
            }

            // A generator may also end without a word when it is cancelled: that must not look like the end of a reply.
            cancellationToken.ThrowIfCancellationRequested();
            firstChoice += prompt.Choices;
        }
    }

    private static async Task CollectAsync(
        HttpContext http, ReplyRequest request, IReplyFormat format, IAsyncEnumerator<GenerationEvent> events, ReplyTrace? trace)
    {
        CollectedChoice[] choices = [.. Enumerable.Range(0, request.ChoiceCount).Select(index => new CollectedChoice(index))];
        var usage = new UsageCounter(request);
        while (await events.MoveNextAsync())
        {
            var choice = choices[events.Current.Choice];
            if (events.Current is TextGenerated text)
            {
                choice.Text.Append(text.Text);
                choice.Tokens.AddRange(text.Tokens);
            }
            else if (events.Current is ChoiceFinished finished)
            {
                choice.Reason = finished.Reason;
                usage.Add(finished);
            }
        }

        await JsonAnswer.WriteAsync(http, StatusCodes.Status200OK, format.Whole(choices, usage.Total, trace?.End()));
    }

    private async Task StreamAsync(
        HttpContext http,
        ReplyRequest request,
        IReplyFormat format,
        IAsyncEnumerator<GenerationEvent> events,
        ReplyTrace? trace,
        CancellationToken cancellationToken)
    {
        // Nothing is sent before the first event, so that a refusal still is a status.
        var more = await events.MoveNextAsync();
        var sse = new SseWriter(http.Response);
        try
        {
            bool[] opened = [.. Enumerable.Repeat(request.IsBegun, request.ChoiceCount)];
            var tokens = request.GivesTokens ? new TokenComments(request.Prompts[0].Begun?.TextLength ?? 0) : null;
            var usage = new UsageCounter(request);
            for (; more; more = await events.MoveNextAsync())
            {
                var choice = events.Current.Choice;
                await sse.WriteAsync(opened[choice] ? null : format.OpeningChunk(choice), cancellationToken);
                opened[choice] = true;
                await sse.WriteAsync(ChunkOf(format, events.Current), cancellationToken, tokens?.Next(events.Current));
                if (events.Current is ChoiceFinished finished)
                {
                    usage.Add(finished);
                }
            }

            await sse.WriteAsync(LastChunkOf(request, format, usage, trace), cancellationToken);
            await sse.WriteDoneAsync(cancellationToken);
        }
        catch (Exception exception) when (!http.RequestAborted.IsCancellationRequested)
        {
            await WriteErrorEventAsync(http, sse, exception);
        }
    }

    private async Task WriteErrorEventAsync(HttpContext http, SseWriter sse, Exception exception)
    {
        var cause = exception is OperationCanceledException && IsDrained(http) ? OpenAiErrors.ShuttingDown(exception) : exception;
        var error = OpenAiErrors.From(cause, http.Request.Method, http.Request.Path);
        if (error.Status >= StatusCodes.Status500InternalServerError && cause is not ApiException)
        {
            ServerLog.RequestFailed(logger, exception, http.Request.Method, http.Request.Path);
        }

        await sse.WriteErrorAsync(error, http.RequestAborted);
    }

    private static byte[]? LastChunkOf(ReplyRequest request, IReplyFormat format, UsageCounter usage, ReplyTrace? trace) =>
        request.IncludeUsage || trace is not null ? format.LastChunk(request.IncludeUsage ? usage.Total : null, trace?.End()) : null;

    private static byte[]? ChunkOf(IReplyFormat format, GenerationEvent happened) => happened switch
    {
        TextGenerated text => format.TextChunk(text),
        ChoiceFinished finished => format.FinalChunk(finished),
        _ => null,
    };
}
