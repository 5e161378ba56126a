namespace ManagedSwarm.Transport.Libp2p.Wire;

/// <summary>
/// How a field's value stands in a message (<see href="https://protobuf.dev/programming-guides/encoding/#structure">protobuf, message
/// structure</see>). Groups (3 and 4) are out of use and refused.
/// </summary>
internal enum ProtobufType
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}
