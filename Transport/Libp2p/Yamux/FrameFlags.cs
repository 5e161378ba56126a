namespace ManagedSwarm.Transport.Libp2p.Yamux;

/// <summary>What a frame's length means (yamux specification, type field).</summary>
internal enum FrameType : byte
{
    /// <summary>Length: how many bytes of the stream follow the header.</summary>
    Data = 0,

    /// <summary>Length: how many more bytes of the stream may be sent.</summary>
    WindowUpdate = 1,

    /// <summary>Length: any value, which the answer repeats.</summary>
    Ping = 2,

    /// <summary>Length: a <see cref="GoAwayCode"/>.</summary>
    GoAway = 3,
}

/// <summary>What a frame says beside its type (yamux specification, flag field). Other bits mean nothing.</summary>
[Flags]
internal enum FrameFlags : ushort
{
    None = 0,

    /// <summary>Opens the stream; of a ping: the question.</summary>
    Syn = 1,

    /// <summary>Takes the stream on; of a ping: the answer.</summary>
    Ack = 2,

    /// <summary>Its sender sends no more bytes of the stream after this frame.</summary>
    Fin = 4,

    /// <summary>Ends the stream in both directions.</summary>
    Rst = 8,
}

/// <summary>Why a side ends the connection (yamux specification, session termination).</summary>
internal enum GoAwayCode : uint
{
    Normal = 0,
    ProtocolError = 1,
    InternalError = 2,
}
