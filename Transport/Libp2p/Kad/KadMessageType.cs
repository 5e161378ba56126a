namespace ManagedSwarm.Transport.Libp2p.Kad;

/// <summary>What a message asks for or answers (<c>Message.MessageType</c>).</summary>
internal enum KadMessageType
{
    /// <summary>Not served: nothing in a swarm needs values.</summary>
    PutValue = 0,

    /// <summary>Not served.</summary>
    GetValue = 1,

    /// <summary>The sender has what belongs to a key. There is no answer.</summary>
    AddProvider = 2,

    /// <summary>Who has it, and who is closer to the key?</summary>
    GetProviders = 3,

    /// <summary>Who is close to a key, such as a peer's id?</summary>
    FindNode = 4,

    /// <summary>Out of use, and not served.</summary>
    Ping = 5,
}
