using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Sessions;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Transport.Stages.Links;

/// <summary>Opens streams to other nodes, and finds out why it cannot.</summary>
/// <param name="peer">This node.</param>
/// <param name="keys">The network's.</param>
/// <param name="options">How long it may take.</param>
/// <param name="own">Streams to this node itself.</param>
internal sealed class LinkDialer(ILocalPeer peer, SwarmKeys keys, StageOptions options, OwnStreams own)
{
    /// <summary>Opens a stream of steps to a stage.</summary>
    /// <exception cref="SwarmException">
    /// <c>connect_timeout</c>, <c>version_mismatch</c>, <c>not_served</c>; the refusal of the other side; and what dialing and streams throw.
    /// </exception>
    public Task<StageLink> AttachAsync(StagePeer to, Attachment target, CancellationToken cancellationToken) =>
        OpenAsync(to, StageProtocols.Stage, (link, token) => AttachAsync(link, target, token), cancellationToken);

    /// <summary>Opens a stream of keys and values to a stage that gives them away.</summary>
    /// <exception cref="SwarmException">As <see cref="AttachAsync(StagePeer, Attachment, CancellationToken)"/>.</exception>
    public Task<StageLink> OpenCacheAsync(StagePeer to, Attachment target, CancellationToken cancellationToken) =>
        OpenAsync(to, StageProtocols.Cache, (link, token) => AttachAsync(link, target, token), cancellationToken);

    /// <summary>Opens a control stream to a worker.</summary>
    /// <exception cref="SwarmException">
    /// <c>connect_timeout</c>, <c>version_mismatch</c>, <c>not_served</c>; and what dialing and streams throw.
    /// </exception>
    public Task<StageLink> OpenControlAsync(StagePeer to, CancellationToken cancellationToken) =>
        OpenAsync(to, StageProtocols.Control, static (_, _) => Task.CompletedTask, cancellationToken);

    /// <summary>Finds out whether a node lives, by a stream of its own.</summary>
    public async Task<bool> LivesAsync(PeerId id, CancellationToken cancellationToken)
    {
        if (id == peer.PeerId)
        {
            return true;
        }

        using var limit = new TimeLimit(options.Probe, options.Time, cancellationToken);
        try
        {
            await peer.PingAsync(id, limit.Token);
            return true;
        }
        catch (Exception exception) when (exception is SwarmException or OperationCanceledException or IOException)
        {
            return false;
        }
    }

    private async Task<StageLink> OpenAsync(
        StagePeer to, Hello protocol, Func<StageLink, CancellationToken, Task> begin, CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(options.Connect, options.Time, cancellationToken);
        try
        {
            var session = to.Id == peer.PeerId ? null : await DialAsync(to, limit.Token);
            return await OpenAsync(session, protocol, begin, limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsOver)
        {
            throw new SwarmException("connect_timeout", $"{to.Id} has not answered within {options.Connect.TotalSeconds} s");
        }
    }

    private async Task<StageLink> OpenAsync(
        ISession? session, Hello protocol, Func<StageLink, CancellationToken, Task> begin, CancellationToken cancellationToken)
    {
        StageLink? link = null;
        try
        {
            var id = StageProtocols.Id(keys, protocol);
            link = new StageLink(session is null ? own.Open(id) : await session.OpenStreamAsync(id, cancellationToken));
            await link.GreetAsync(protocol, cancellationToken);
            await begin(link, cancellationToken);
            return link;
        }
        catch (Exception exception)
        {
            link?.Abort();
            await (link?.DisposeAsync() ?? default);
            if (session is not null && exception is SwarmException { Code: "protocol_refused" })
            {
                throw await ExplainAsync(session, protocol, cancellationToken);
            }

            throw;
        }
    }

    private static async Task AttachAsync(StageLink link, Attachment target, CancellationToken cancellationToken)
    {
        target.Write(link.Writer);
        await link.Writer.FlushAsync(cancellationToken);
        if (await link.ReadAsync(Attachment.Limits, Attachment.ReadAnswer, cancellationToken) is { } refusal)
        {
            throw refusal.ToException();
        }
    }

    private ValueTask<ISession> DialAsync(StagePeer to, CancellationToken cancellationToken) => to.Addresses.Count > 0
        ? peer.DialAsync([.. to.Addresses.Select(address => address.WithPeerId(to.Id))], cancellationToken)
        : peer.DialAsync(to.Id, cancellationToken);

    /// <summary>A node that does not serve the protocol may serve another version of it.</summary>
    private async Task<SwarmException> ExplainAsync(ISession session, Hello protocol, CancellationToken cancellationToken)
    {
        var info = await session.IdentifyAsync(cancellationToken);
        var versions = StageProtocols.VersionsOf(keys, protocol, info.Protocols);
        return versions.Count > 0
            ? new SwarmException(
                "version_mismatch",
                $"the peer speaks version {ShownText.Fit(string.Join(", ", versions), 64)} of the protocol \"{protocol.Protocol}\"; "
                + $"this side speaks {protocol.Major}.{protocol.Minor}")
            : new SwarmException("not_served", $"{session.RemotePeer} serves no stages: it does not know the protocol \"{protocol.Protocol}\"");
    }
}
