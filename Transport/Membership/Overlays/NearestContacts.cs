using ManagedSwarm.Transport.Membership.Liveness;

namespace ManagedSwarm.Transport.Membership.Overlays;

/// <summary>The few of many that are nearest. Empty again once they are taken.</summary>
/// <param name="capacity">How many.</param>
internal sealed class NearestContacts(int capacity)
{
    private readonly (ulong Distance, Contact Contact)[] _nearest = new (ulong, Contact)[capacity];
    private int _count;

    public void Offer(Contact contact, ulong distance)
    {
        if (_count == capacity && (capacity == 0 || distance >= _nearest[^1].Distance))
        {
            return;
        }

        var at = _count < capacity ? _count++ : capacity - 1;
        for (; at > 0 && _nearest[at - 1].Distance > distance; at--)
        {
            _nearest[at] = _nearest[at - 1];
        }

        _nearest[at] = (distance, contact);
    }

    public void MoveTo(HashSet<Contact> contacts)
    {
        for (; _count > 0; _count--)
        {
            contacts.Add(_nearest[_count - 1].Contact);
        }
    }
}
