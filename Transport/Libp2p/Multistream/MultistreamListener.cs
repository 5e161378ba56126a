namespace ManagedSwarm.Transport.Libp2p.Multistream;

/// <summary>
/// The side of multistream-select 1.0 that answers. The caller's token limits the time of a whole negotiation. It says nothing before
/// the other side's header, although it may: to a stranger it is silent.
/// </summary>
internal static class MultistreamListener
{
    /// <summary>Proposals that are answered before a dialer is taken for one that only tries names.</summary>
    public const int MaxProposals = 16;

    /// <summary>Answers proposals until one of them is served.</summary>
    /// <param name="isServed">Whether a protocol id is served here.</param>
    /// <returns>The protocol that was agreed on.</returns>
    /// <exception cref="SwarmException">
    /// <c>protocol_refused</c>: none of <see cref="MaxProposals"/> proposals is served; <c>invalid_message</c>: it speaks something else;
    /// and what reading and writing can throw.
    /// </exception>
    public static async ValueTask<string> SelectAsync(IByteDuplex duplex, Func<string, bool> isServed, CancellationToken cancellationToken)
    {
        await MultistreamLine.ReadHeaderAsync(duplex, cancellationToken);

        // It does not wait for the first proposal: a dialer may wait for it before it proposes.
        await duplex.WriteAsync(MultistreamLine.Encode([MultistreamLine.Header]), cancellationToken);
        for (var i = 0; i < MaxProposals; i++)
        {
            var proposal = await MultistreamLine.ReadAsync(duplex, cancellationToken);
            var served = isServed(proposal);
            await duplex.WriteAsync(MultistreamLine.Encode([served ? proposal : MultistreamLine.NotAvailable]), cancellationToken);
            if (served)
            {
                return proposal;
            }
        }

        throw new SwarmException("protocol_refused", $"None of {MaxProposals} proposed protocols is served here; no more are heard.");
    }
}
