using System.Buffers.Binary;
using ManagedSwarm.Transport.Libp2p.Wire;

namespace ManagedSwarm.Transport.Libp2p.Gossip;

/// <summary>What others have written.</summary>
internal static partial class GossipRpcCodec
{
    // More is no backoff, and would not fit into a TimeSpan.
    private const ulong MaxBackoffSeconds = 86_400;

    /// <summary>
    /// Reads it. What <see cref="GossipOptions"/> does not allow is left out, as is a message that is not complete: no author, no topic, no
    /// number of 8 bytes. Nothing of the result is a part of <paramref name="bytes"/>.
    /// </summary>
    /// <param name="bytes">All of it, without the length before it.</param>
    /// <param name="options">What is allowed.</param>
    /// <exception cref="SwarmException"><c>invalid_message</c>; <c>message_too_large</c></exception>
    public static GossipRpc Read(ReadOnlySpan<byte> bytes, GossipOptions options)
    {
        if (bytes.Length > options.MaxRpcBytes)
        {
            throw new SwarmException("message_too_large", $"A gossip message has {bytes.Length} bytes; allowed are {options.MaxRpcBytes}.");
        }

        List<GossipSubscription> subscriptions = [];
        List<GossipMessage> messages = [];
        var control = new ControlParts();
        var reader = new ProtobufReader(bytes, "gossip message");
        while (reader.MoveNext())
        {
            switch (reader.Field)
            {
                case 1 when subscriptions.Count < options.MaxControls:
                    ReadSubscription(reader.Bytes(), options, subscriptions);
                    break;
                case 2:
                    ReadMessage(reader.Bytes(), options, messages);
                    break;
                case 3:
                    ReadControl(reader.Bytes(), options, control);
                    break;
                default:
                    break;
            }
        }

        return new()
        {
            Subscriptions = subscriptions,
            Messages = messages,
            Haves = control.Haves,
            Wants = control.Wants,
            Grafts = control.Grafts,
            Prunes = control.Prunes,
            NamesByKey = control.NamesByKey,
        };
    }

    private static void ReadSubscription(ReadOnlySpan<byte> bytes, GossipOptions options, List<GossipSubscription> subscriptions)
    {
        var (subscribes, topic) = (false, "");
        var reader = new ProtobufReader(bytes, "gossip subscription");
        while (reader.MoveNext())
        {
            switch (reader.Field)
            {
                case 1:
                    subscribes = reader.UInt64() != 0;
                    break;
                case 2:
                    topic = TopicOf(reader, options);
                    break;
                default:
                    break;
            }
        }

        if (topic.Length > 0)
        {
            subscriptions.Add(new(topic, subscribes));
        }
    }

    private static void ReadMessage(ReadOnlySpan<byte> bytes, GossipOptions options, List<GossipMessage> messages)
    {
        PeerId? from = null;
        ulong? number = null;
        var topic = "";
        ReadOnlySpan<byte> data = default, signature = default;
        var reader = new ProtobufReader(bytes, "published message");
        while (reader.MoveNext())
        {
            switch (reader.Field)
            {
                case 1:
                    PeerId.TryFromBytes(reader.Bytes(), out from);
                    break;
                case 2:
                    data = reader.Bytes();
                    break;
                case 3:
                    number = NumberOf(reader.Bytes());
                    break;
                case 4:
                    topic = TopicOf(reader, options);
                    break;
                case 5:
                    signature = reader.Bytes();
                    break;
                default:
                    break;
            }
        }

        if (from is not null && number is { } sequenceNumber && topic.Length > 0 && bytes.Length <= options.MaxMessageBytes)
        {
            messages.Add(new()
            {
                From = from,
                Data = data.ToArray(),
                SequenceNumber = sequenceNumber,
                Topic = topic,
                Signature = signature.ToArray(),
            });
        }
    }

    private static ulong? NumberOf(ReadOnlySpan<byte> bytes) =>
        bytes.Length == GossipRpcSize.SequenceNumberBytes ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : null;

    private static void ReadControl(ReadOnlySpan<byte> bytes, GossipOptions options, ControlParts control)
    {
        var reader = new ProtobufReader(bytes, "gossip control message");
        while (reader.MoveNext())
        {
            switch (reader.Field)
            {
                case 1 when control.Haves.Count < options.MaxControls:
                    ReadHave(reader.Bytes(), options, control);
                    break;
                case 2:
                    ReadIds(reader.Bytes(), field: 1, options, control, control.Wants);
                    break;
                case 3 when control.Grafts.Count < options.MaxControls:
                    ReadGraft(reader.Bytes(), options, control);
                    break;
                case 4 when control.Prunes.Count < options.MaxControls:
                    ReadPrune(reader.Bytes(), options, control);
                    break;
                default:
                    break;
            }
        }
    }

    private static void ReadHave(ReadOnlySpan<byte> bytes, GossipOptions options, ControlParts control)
    {
        var ids = new List<GossipMessageId>();
        if (ReadTopic(bytes, "IHAVE", options) is { Length: > 0 } topic)
        {
            ReadIds(bytes, field: 2, options, control, ids);
            control.Haves.Add(new(topic, ids));
        }
    }

    private static void ReadIds(ReadOnlySpan<byte> bytes, int field, GossipOptions options, ControlParts control, List<GossipMessageId> ids)
    {
        var reader = new ProtobufReader(bytes, "list of message ids");
        while (reader.MoveNext())
        {
            if (reader.Field == field && ids.Count < options.MaxWants && GossipIdBytes.TryRead(reader.Bytes(), out var id, out var isKey))
            {
                ids.Add(id);
                control.NamesByKey = isKey;
            }
        }
    }

    private static void ReadGraft(ReadOnlySpan<byte> bytes, GossipOptions options, ControlParts control)
    {
        if (ReadTopic(bytes, "GRAFT", options) is { Length: > 0 } topic)
        {
            control.Grafts.Add(topic);
        }
    }

    private static void ReadPrune(ReadOnlySpan<byte> bytes, GossipOptions options, ControlParts control)
    {
        var seconds = 0UL;
        var reader = new ProtobufReader(bytes, "PRUNE");
        while (reader.MoveNext())
        {
            seconds = reader.Field == 3 ? Math.Min(reader.UInt64(), MaxBackoffSeconds) : seconds;
        }

        if (ReadTopic(bytes, "PRUNE", options) is { Length: > 0 } topic)
        {
            control.Prunes.Add(new(topic, TimeSpan.FromSeconds(seconds)));
        }
    }

    private static string ReadTopic(ReadOnlySpan<byte> bytes, string name, GossipOptions options)
    {
        var topic = "";
        var reader = new ProtobufReader(bytes, name);
        while (reader.MoveNext())
        {
            topic = reader.Field == 1 ? TopicOf(reader, options) : topic;
        }

        return topic;
    }

    /// <summary>Empty: it is longer than is allowed.</summary>
    private static string TopicOf(in ProtobufReader reader, GossipOptions options) =>
        reader.Bytes().Length <= options.MaxTopicChars ? reader.Text() : "";

    private sealed class ControlParts
    {
        public List<GossipHave> Haves { get; } = [];

        public List<GossipMessageId> Wants { get; } = [];

        public List<string> Grafts { get; } = [];

        public List<GossipPrune> Prunes { get; } = [];

        public bool NamesByKey { get; set; }
    }
}
