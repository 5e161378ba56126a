using System.Diagnostics.CodeAnalysis;

namespace ManagedSwarm.Transport.Libp2p.Yamux;

/// <summary>Who waits to write, in the order of asking. Under its owner's lock.</summary>
internal sealed class TurnQueue
{
    private readonly LinkedList<Waiter> _waiting = new();

    public ValueTask<int> WaitAsync(LinkedListNode<Waiter> turn, CancellationToken cancellationToken)
    {
        _waiting.AddLast(turn);
        return turn.Value.WaitAsync(cancellationToken);
    }

    /// <summary>Takes somebody out whose wait was cancelled.</summary>
    public void Withdraw(LinkedListNode<Waiter> turn)
    {
        if (turn.List is not null)
        {
            _waiting.Remove(turn);
        }
    }

    /// <summary>Claims the first who still waits; those whose wait was cancelled fall out.</summary>
    public bool TryDequeue([NotNullWhen(true)] out Waiter? waiter)
    {
        while (_waiting.First is { } first)
        {
            _waiting.RemoveFirst();
            if (first.Value.TryClaim())
            {
                waiter = first.Value;
                return true;
            }
        }

        waiter = null;
        return false;
    }
}
