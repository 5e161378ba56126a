namespace ManagedSwarm.Transport.Libp2p.Multistream;

/// <summary>The side of multistream-select 1.0 that proposes. The caller's token limits the time of a whole negotiation.</summary>
internal static class MultistreamDialer
{
    /// <summary>Proposes protocols until the other side takes one. The header and the first proposal are one write.</summary>
    /// <param name="proposals">Protocol ids, the preferred one first.</param>
    /// <returns>The protocol that was agreed on.</returns>
    /// <exception cref="SwarmException">
    /// <c>protocol_refused</c>: it takes none; <c>invalid_message</c>: it speaks something else; and what reading and writing can throw.
    /// </exception>
    public static async ValueTask<string> SelectAsync(IByteDuplex duplex, IReadOnlyList<string> proposals, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(proposals.Count);
        for (var i = 0; i < proposals.Count; i++)
        {
            var proposal = i == 0 ? ProposeLazily(proposals[i], []) : MultistreamLine.Encode([proposals[i]]);
            await duplex.WriteAsync(proposal, cancellationToken);
            if (await IsTakenAsync(duplex, proposals[i], isFirst: i == 0, cancellationToken))
            {
                return proposals[i];
            }
        }

        throw Refused(proposals);
    }

    /// <summary>The bytes that propose one protocol without waiting for the answer, and then speak it.</summary>
    /// <param name="protocolId">The one protocol.</param>
    /// <param name="data">What the protocol says first.</param>
    public static byte[] ProposeLazily(string protocolId, ReadOnlySpan<byte> data) =>
        MultistreamLine.Encode([MultistreamLine.Header, protocolId], data);

    /// <summary>Reads the answer to <see cref="ProposeLazily"/>, which comes before anything else.</summary>
    /// <exception cref="SwarmException"><c>protocol_refused</c>, <c>invalid_message</c>, and what reading can throw.</exception>
    public static async ValueTask ReadLazyAnswerAsync(IByteDuplex duplex, string protocolId, CancellationToken cancellationToken)
    {
        if (!await IsTakenAsync(duplex, protocolId, isFirst: true, cancellationToken))
        {
            throw Refused([protocolId]);
        }
    }

    private static async ValueTask<bool> IsTakenAsync(IByteDuplex duplex, string proposal, bool isFirst, CancellationToken cancellationToken)
    {
        if (isFirst)
        {
            await MultistreamLine.ReadHeaderAsync(duplex, cancellationToken);
        }

        var answer = await MultistreamLine.ReadAsync(duplex, cancellationToken);
        return answer == proposal || (answer == MultistreamLine.NotAvailable
            ? false
            : throw new SwarmException("invalid_message", $"The answer to the proposal of {proposal} is neither it nor '{MultistreamLine.NotAvailable}'."));
    }

    private static SwarmException Refused(IReadOnlyList<string> proposals) =>
        new("protocol_refused", $"The other side does not serve {string.Join(", ", proposals)}.");
}
