using ManagedSwarm.Transport.Membership.Liveness;
using ManagedSwarm.Transport.Membership.Messages;

namespace ManagedSwarm.Transport.Membership.Overlays;

/// <summary>
/// Chooses with whom this node keeps sessions. In a small swarm that is everybody. In a larger one it is the nearest on the ring of ids, so
/// that all hang together, and those with whom a hash of both ids is smallest: both sides come to the same choice as long as they know the
/// same members, and one that comes or goes changes few. Pure and without memory but for the room that it works in.
/// </summary>
/// <param name="selfKey">This node's place on the ring.</param>
/// <param name="options">How many.</param>
internal sealed class Overlay(ulong selfKey, OverlayOptions options)
{
    private readonly NearestContacts _after = new(options.RingNeighbours);
    private readonly NearestContacts _before = new(options.RingNeighbours);
    private readonly NearestContacts _drawn = new(options.RandomNeighbours);
    private readonly NearestContacts _strangers = new(options.Strangers);
    private readonly HashSet<Contact> _chosen = [];

    /// <summary>Who was chosen last.</summary>
    public IReadOnlySet<Contact> Chosen => _chosen;

    /// <summary>Chooses anew.</summary>
    /// <param name="contacts">All that are known, without this node.</param>
    public void Choose(IReadOnlyCollection<Contact> contacts)
    {
        _chosen.Clear();
        var isFullMesh = CountCandidates(contacts) < options.FullMesh;
        foreach (var contact in contacts)
        {
            if (isFullMesh && IsCandidate(contact))
            {
                _chosen.Add(contact);
            }
            else if (IsCandidate(contact))
            {
                _after.Offer(contact, contact.Key - selfKey);
                _before.Offer(contact, selfKey - contact.Key);
                _drawn.Offer(contact, Affinity(contact));
            }
            else if (contact is { IsMember: false, IsConnected: true })
            {
                _strangers.Offer(contact, Affinity(contact));
            }
        }

        foreach (var nearest in (ReadOnlySpan<NearestContacts>)[_after, _before, _drawn, _strangers])
        {
            nearest.MoveTo(_chosen);
        }
    }

    /// <summary>Whom one would have a session with: a suspect only where there is one already.</summary>
    private static bool IsCandidate(Contact contact) =>
        contact.IsMember && (contact.State is MemberState.Alive || (contact.State is MemberState.Suspect && contact.IsConnected));

    private static int CountCandidates(IReadOnlyCollection<Contact> contacts)
    {
        var count = 0;
        foreach (var contact in contacts)
        {
            count += IsCandidate(contact) ? 1 : 0;
        }

        return count;
    }

    private ulong Affinity(Contact contact) => LedgerSummary.Mix(selfKey ^ contact.Key);
}
