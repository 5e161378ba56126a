using ManagedSwarm.Tests.Transport.Membership.Messages;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Membership.Liveness;
using ManagedSwarm.Transport.Membership.Messages;

namespace ManagedSwarm.Tests.Transport.Membership.Liveness;

/// <summary>A failure detector with neighbours that a test plays.</summary>
internal sealed class DetectorProbe : ILivenessOutput
{
    public DetectorProbe(int neighbours = 0)
    {
        Detector = new FailureDetector(MemberMessages.Peer(0), Options, seed: 1, this);
        for (byte i = 1; i <= neighbours; i++)
        {
            Detector.Connect(MemberMessages.Peer(i), Now);
            Detector.Renew(MemberMessages.Peer(i), sequence: 1, Now);
        }
    }

    public LivenessOptions Options { get; } = new();

    public FailureDetector Detector { get; }

    public TimeSpan Now { get; private set; }

    public List<(PeerId To, MemberMessage Message)> Sent { get; } = [];

    public List<PeerId> Dialed { get; } = [];

    public List<(PeerId Id, SwarmEventKind Kind)> Changes { get; } = [];

    /// <summary>Who answers probes.</summary>
    public HashSet<PeerId> Answering { get; } = [];

    public Contact this[byte number] => Detector.TryFind(MemberMessages.Peer(number), out var contact)
        ? contact
        : throw new InvalidOperationException($"{number} is not known");

    public IEnumerable<SwarmEventKind> ChangesOf(byte number) =>
        Changes.Where(change => change.Id == MemberMessages.Peer(number)).Select(change => change.Kind);

    public IEnumerable<T> SentTo<T>(byte number)
        where T : MemberMessage =>
        Sent.Where(sent => sent.To == MemberMessages.Peer(number)).Select(sent => sent.Message).OfType<T>();

    /// <summary>Lets time pass, in which those who answer do so at once.</summary>
    public void Pass(TimeSpan time)
    {
        for (var end = Now + time; Now < end;)
        {
            Now += TimeSpan.FromMilliseconds(10);
            var before = Sent.Count;
            Detector.Tick(Now);
            foreach (var (to, message) in Sent.Skip(before).ToList())
            {
                if (message is MemberMessage.Probe probe && Answering.Contains(to))
                {
                    Receive(to, new MemberMessage.Answer(probe.Nonce));
                }
            }
        }
    }

    public void Receive(byte from, MemberMessage message) => Receive(MemberMessages.Peer(from), message);

    public void Send(PeerId to, MemberMessage message) => Sent.Add((to, message));

    public void Dial(Contact contact) => Dialed.Add(contact.Id);

    public void StateChanged(Contact contact, SwarmEventKind kind) => Changes.Add((contact.Id, kind));

    public void Forget(Contact contact)
    {
        Changes.Add((contact.Id, SwarmEventKind.Forgotten));
        Detector.Forget(contact);
    }

    private void Receive(PeerId from, MemberMessage message)
    {
        Assert.True(Detector.TryFind(from, out var contact));
        Detector.Hear(contact, Now);
        Detector.Receive(contact, message, Now);
    }
}
