namespace ManagedSwarm.Tests.Transport.Discovery.Mdns;

/// <summary>Nodes on one link in virtual time. All hear what one sends to all, itself included, as with real sockets.</summary>
internal sealed class VirtualLan
{
    private readonly List<TestLink> _nodes = [];

    public TimeSpan Now { get; private set; }

    /// <summary>Messages to all, and their bytes.</summary>
    public (int Messages, int Bytes) Traffic { get; private set; }

    /// <summary>Whether a message is lost for a node.</summary>
    public Func<bool> Loses { get; set; } = () => false;

    public IReadOnlyList<TestLink> Nodes => _nodes;

    public TestLink Add(TestLink node)
    {
        _nodes.Add(node);
        return node;
    }

    public void Run(TimeSpan time)
    {
        var end = Now + time;
        while (_nodes.Min(node => node.Link.NextTick) is var next && next <= end)
        {
            Now = next > Now ? next : Now;
            foreach (var node in _nodes.Where(node => node.Link.NextTick <= Now))
            {
                node.Link.Tick(Now);
            }

            Deliver();
        }

        Now = end;
    }

    public void Deliver()
    {
        while (_nodes.Find(node => node.Sent.Count > 0) is { } sender)
        {
            var (message, to) = sender.Sent[0];
            sender.Sent.RemoveAt(0);
            Traffic = (Traffic.Messages + 1, Traffic.Bytes + message.Length);
            foreach (var node in _nodes.Where(node => to is null || node.EndPoint.Equals(to)).Where(node => node == sender || !Loses()))
            {
                node.Link.Receive(new(message, sender.EndPoint, to is null), Now);
            }
        }
    }

    /// <summary>Whether each node has found each other one, since that was last asked.</summary>
    public bool TakeAllFoundAll()
    {
        var all = _nodes.TrueForAll(node => node.Found.Select(peer => peer.Id).Distinct().Count() == _nodes.Count - 1);
        _nodes.ForEach(node => node.Found.Clear());
        return all;
    }
}
