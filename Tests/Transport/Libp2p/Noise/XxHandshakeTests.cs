using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p.Noise;

namespace ManagedSwarm.Tests.Transport.Libp2p.Noise;

/// <summary>The handshake against a published vector, and against those who change it on its way.</summary>
public sealed class XxHandshakeTests
{
    // Noise_XX_25519_ChaChaPoly_SHA256 of the vectors that come with cacophony (https://github.com/haskell-cryptography/cacophony).
    private const string Prologue = "4a6f686e2047616c74";
    private const string InitiatorStatic = "e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1";
    private const string InitiatorEphemeral = "893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a";
    private const string ResponderStatic = "4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893";
    private const string ResponderEphemeral = "bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b";
    private const string HandshakeHash = "c8e5f64e846193be2a834104c2a009868d6c9f3bd3c186299888b488b2f1f58e";

    private static readonly (string Payload, string Message)[] Messages =
    [
        ("4c756477696720766f6e204d69736573",
            "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c79444c756477696720766f6e204d69736573"),
        ("4d757272617920526f746862617264",
            "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f14480884381cbad1f276e038c48378ffce2b65285e08d6b68aaa3629a5a8639392490e5b9"
            + "bd5269c2f1e4f488ed8831161f19b7815528f8982ffe09be9b5c412f8a0db50f8814c7194e83f23dbd8d162c9326ad"),
        ("462e20412e20486179656b",
            "c7195ffacac1307ff99046f219750fc47693e23c3cb08b89c2af808b444850a80ae475b9df0f169ae80a89be0865b57f58c9fea0d4ec82a286427402f113e4b6"
            + "ae769a1d95941d49b25030"),
    ];

    private static readonly (string Payload, string Message)[] TransportMessages =
    [
        ("4361726c204d656e676572", "96763ed773f8e47bb3712f0e29b3060ffc956ffc146cee53d5e1df"),
        ("4a65616e2d426170746973746520536179", "3e40f15f6f3a46ae446b253bf8b1d9ffb6ed9b174d272328ff91a7e2e5c79c07f5"),
        ("457567656e2042f6686d20766f6e2042617765726b", "eb3f3515110702e047a6c9da4478b6ead94873c11c0f2d710ddb3f09fce024b3a58502ae3f"),
    ];

    [Fact]
    public void Says_the_published_messages_byte_by_byte()
    {
        var (initiator, responder) = CreateVectorPair();
        for (var i = 0; i < Messages.Length; i++)
        {
            var (writer, reader) = i % 2 == 0 ? (initiator, responder) : (responder, initiator);
            Assert.True(writer.IsWriting);
            Assert.False(reader.IsWriting);
            var message = Write(writer, Convert.FromHexString(Messages[i].Payload));
            Assert.Equal(Messages[i].Message, Convert.ToHexStringLower(message));
            Assert.Equal(Messages[i].Payload, Convert.ToHexStringLower(reader.ReadMessage(message)));
        }

        Assert.True(initiator.IsComplete && responder.IsComplete);
        Assert.Equal(HandshakeHash, Convert.ToHexStringLower(initiator.Hash));
        Assert.Equal(HandshakeHash, Convert.ToHexStringLower(responder.Hash));
        Assert.Equal(X25519Key.Import(Convert.FromHexString(ResponderStatic)).PublicKey, initiator.RemoteStatic);
        Assert.Equal(X25519Key.Import(Convert.FromHexString(InitiatorStatic)).PublicKey, responder.RemoteStatic);
        CheckTransport(initiator.Split(), responder.Split());
    }

    [Fact]
    public void A_message_that_is_changed_anywhere_or_cut_is_refused()
    {
        for (var message = 0; message < Messages.Length; message++)
        {
            var length = Messages[message].Message.Length / 2;
            for (var place = 0; place < length; place++)
            {
                // Message 1 proves nothing by itself: there its change shows in message 2.
                if (message > 0)
                {
                    Assert.False(IsUnderstood(message, bytes => bytes[place] ^= 1, length));
                }

                Assert.Equal(message == 0 && place >= X25519Key.Length, IsUnderstood(message, _ => { }, place));
            }

            Assert.True(IsUnderstood(message, _ => { }, length));
        }
    }

    [Fact]
    public void A_changed_first_message_shows_in_the_second()
    {
        var (initiator, responder) = CreateVectorPair();
        var message = Write(initiator, []);
        message[5] ^= 1;
        responder.ReadMessage(message);
        AssertFails(() => initiator.ReadMessage(Write(responder, [])));
    }

    [Theory]
    [InlineData("")]
    [InlineData("4a6f686e2047616c75")]
    public void Another_prologue_shows_in_the_second_message(string prologue)
    {
        var initiator = Create(true, InitiatorStatic, InitiatorEphemeral, prologue);
        var responder = Create(false, ResponderStatic, ResponderEphemeral, Prologue);
        responder.ReadMessage(Write(initiator, []));
        AssertFails(() => initiator.ReadMessage(Write(responder, [])));
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")]
    [InlineData("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    public void A_key_that_leads_everybody_to_the_same_secret_is_refused(string publicKey)
    {
        Assert.False(X25519Key.Generate().TryAgree(Convert.FromHexString(publicKey), new byte[32]));
        var responder = Create(false, ResponderStatic, ResponderEphemeral, Prologue);
        responder.ReadMessage(Convert.FromHexString(publicKey));
        AssertFails(() => Write(responder, []));
    }

    [Fact]
    public void The_third_message_of_another_handshake_is_refused()
    {
        var (initiator, _) = CreateVectorPair();
        var responder = new XxHandshake(false, X25519Key.Generate(), Convert.FromHexString(Prologue));
        var first = Write(initiator, []);
        responder.ReadMessage(first.ToArray());
        initiator.ReadMessage(Write(responder, []));
        var third = Write(initiator, []);

        var again = new XxHandshake(false, X25519Key.Generate(), Convert.FromHexString(Prologue));
        again.ReadMessage(first.ToArray());
        Write(again, []);
        AssertFails(() => again.ReadMessage(third.ToArray()));
        responder.ReadMessage(third);
    }

    [Fact]
    public void A_cipher_ends_with_its_last_number()
    {
        var (sender, receiver) = (new CipherState(new byte[32], ulong.MaxValue - 1), new CipherState(new byte[32], ulong.MaxValue - 1));
        var (text, tag) = (new byte[10], new byte[16]);
        sender.Seal(text, tag);
        Assert.True(receiver.TryOpen(text, tag));
        Assert.Equal("connection_lost", Assert.Throws<SwarmException>(() => sender.Seal(text, tag)).Code);
        Assert.Equal("connection_lost", Assert.Throws<SwarmException>(() => receiver.TryOpen(text, tag)).Code);
    }

    private static (XxHandshake Initiator, XxHandshake Responder) CreateVectorPair() =>
        (Create(true, InitiatorStatic, InitiatorEphemeral, Prologue), Create(false, ResponderStatic, ResponderEphemeral, Prologue));

    private static XxHandshake Create(bool isInitiator, string staticKey, string ephemeral, string prologue) => new(
        isInitiator,
        X25519Key.Import(Convert.FromHexString(staticKey)),
        Convert.FromHexString(prologue),
        X25519Key.Import(Convert.FromHexString(ephemeral)));

    private static byte[] Write(XxHandshake handshake, ReadOnlySpan<byte> payload)
    {
        var buffer = new byte[payload.Length + 96];
        return buffer[..handshake.WriteMessage(payload, buffer)];
    }

    /// <summary>Whether a message is understood after a change.</summary>
    private static bool IsUnderstood(int message, Action<byte[]> change, int length)
    {
        var (initiator, responder) = CreateVectorPair();
        for (var i = 0; ; i++)
        {
            var (writer, reader) = i % 2 == 0 ? (initiator, responder) : (responder, initiator);
            var bytes = Write(writer, Convert.FromHexString(Messages[i].Payload));
            if (i < message)
            {
                reader.ReadMessage(bytes);
                continue;
            }

            change(bytes);
            try
            {
                reader.ReadMessage(bytes.AsSpan(0, length));
                return true;
            }
            catch (SwarmException exception)
            {
                Assert.Equal("handshake_failed", exception.Code);
                return false;
            }
        }
    }

    private static void CheckTransport((CipherState Send, CipherState Receive) initiator, (CipherState Send, CipherState Receive) responder)
    {
        for (var i = 0; i < TransportMessages.Length; i++)
        {
            // The vector's messages go on in turn: after the initiator's last one, the responder's.
            var (sender, receiver) = i % 2 == 1 ? (initiator.Send, responder.Receive) : (responder.Send, initiator.Receive);
            var text = Convert.FromHexString(TransportMessages[i].Payload);
            var tag = new byte[CipherState.TagLength];
            sender.Seal(text, tag);
            Assert.Equal(TransportMessages[i].Message, Convert.ToHexStringLower([.. text, .. tag]));
            Assert.True(receiver.TryOpen(text, tag));
            Assert.Equal(TransportMessages[i].Payload, Convert.ToHexStringLower(text));
        }
    }

    private static void AssertFails(Action action) => Assert.Equal("handshake_failed", Assert.Throws<SwarmException>(action).Code);
}
