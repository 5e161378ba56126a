namespace ManagedSwarm.Bench.Swarm;

/// <summary>A session of two nodes: ordered in each direction.</summary>
internal sealed class SimulatedSession(SimulatedNode dialer, SimulatedNode listener)
{
    private readonly TimeSpan[] _arrivals = new TimeSpan[2];
    private bool _isOpenForDialer = true;
    private bool _isOpenForListener = true;

    /// <summary>When the network has been cut between the two; null: it is not.</summary>
    public TimeSpan? CutSince { get; set; }

    public SimulatedNode Other(SimulatedNode node) => node == dialer ? listener : dialer;

    public bool IsOpenFor(SimulatedNode node) => node == dialer ? _isOpenForDialer : _isOpenForListener;

    public void CloseFor(SimulatedNode node)
    {
        if (node == dialer)
        {
            _isOpenForDialer = false;
        }
        else
        {
            _isOpenForListener = false;
        }
    }

    /// <summary>When a message arrives that would at <paramref name="earliest"/>: not before those that were sent before it.</summary>
    public TimeSpan Arrive(SimulatedNode at, TimeSpan earliest)
    {
        ref var last = ref _arrivals[at == dialer ? 0 : 1];
        last = earliest > last ? earliest : last;
        return last;
    }
}
