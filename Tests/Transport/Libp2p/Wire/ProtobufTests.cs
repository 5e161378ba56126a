using System.Buffers;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p.Wire;

namespace ManagedSwarm.Tests.Transport.Libp2p.Wire;

public sealed class ProtobufTests
{
    [Fact]
    public void Writes_the_examples_of_the_encoding_guide()
    {
        Assert.Equal("089601", Hex(writer => writer.WriteNumber(1, 150)));
        Assert.Equal("120774657374696E67", Hex(writer => writer.WriteText(2, "testing")));
        Assert.Equal("1A03089601", Hex(writer => writer.WriteBytes(3, [0x08, 0x96, 0x01])));
        Assert.Equal("8A40021234", Hex(writer => writer.WriteBytes(1025, [0x12, 0x34])));
    }

    [Fact]
    public void Reads_what_is_asked_for_and_skips_the_rest()
    {
        // 1: 150, 2: "testing", 3 (fixed64), 4 (fixed32), 5: -1, 1025: bytes, 1: 7.
        var reader = Read("089601 120774657374696E67 190102030405060708 2501020304 28FFFFFFFFFFFFFFFFFF01 8A40021234 0807");
        var numbers = new List<ulong>();
        var text = "";
        while (reader.MoveNext())
        {
            switch (reader.Field)
            {
                case 1:
                    numbers.Add(reader.UInt64());
                    break;
                case 2:
                    text = reader.Text();
                    break;
                default:
                    break;
            }
        }

        Assert.Equal([150, 7], numbers);
        Assert.Equal("testing", text);
    }

    [Fact]
    public void An_empty_message_has_no_fields() => Assert.False(Read("").MoveNext());

    [Fact]
    public void Rejects_bytes_longer_than_the_message() => Rejects("12050102", "5 more bytes expected, 2 are left (at byte 2)");

    [Fact]
    public void Rejects_a_length_beyond_memory() => Rejects("12FFFFFFFFFFFFFFFFFF01", "18446744073709551615 more bytes expected");

    [Fact]
    public void Rejects_a_number_that_is_cut_off() => Rejects("08", "1 more bytes expected, 0 are left");

    [Fact]
    public void Rejects_a_number_of_more_than_ten_bytes() => Rejects("08FFFFFFFFFFFFFFFFFFFF01", "longer than 10 bytes");

    [Fact]
    public void Rejects_fixed_numbers_that_are_cut_off()
    {
        Rejects("1901020304050607", "8 more bytes expected, 7 are left");
        Rejects("25010203", "4 more bytes expected, 3 are left");
    }

    [Theory]
    [InlineData("0B", 3)]
    [InlineData("0C", 4)]
    [InlineData("0E", 6)]
    public void Rejects_groups_and_unknown_wire_types(string hex, int type) => Rejects(hex, $"wire type {type}");

    [Theory]
    [InlineData("0001")]
    [InlineData("808080801001")]
    public void Rejects_field_numbers_out_of_range(string hex) => Rejects(hex, "a field number is");

    [Fact]
    public void Rejects_a_number_where_bytes_are_asked_for_and_the_other_way_round()
    {
        Fails("0801", "expected 2", (ref ProtobufReader reader) => reader.Bytes());
        Fails("0A0101", "expected 0", (ref ProtobufReader reader) => reader.UInt64());
        Fails("0D01020304", "expected 0", (ref ProtobufReader reader) => reader.UInt64());
    }

    [Fact]
    public void Rejects_text_that_is_not_utf8() => Fails("0A01FF", "not UTF-8", (ref ProtobufReader reader) => reader.Text());

    [Fact]
    public void A_damaged_message_is_read_or_refused()
    {
        var original = Convert.FromHexString(
            "089601120774657374696E671901020304050607082501020304" + "28FFFFFFFFFFFFFFFFFF018A4002123408071A03089601");
        Fuzz.Run(2, mutation =>
        {
            var bytes = mutation.Of(original);
            var reader = new ProtobufReader(bytes, "message");
            var total = 0;
            while (reader.MoveNext())
            {
                Assert.InRange(reader.Field, 1, (1 << 29) - 1);
                total += reader.Type == ProtobufType.Bytes ? reader.Bytes().Length : 1;
            }

            Assert.InRange(total, 0, bytes.Length);
            return true;
        });
    }

    private delegate void Use(ref ProtobufReader reader);

    private static ProtobufReader Read(string hex) => new(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), "message");

    private static void Rejects(string hex, string says) => Fails(hex, says, (ref ProtobufReader _) => { });

    private static void Fails(string hex, string says, Use use)
    {
        var exception = Assert.Throws<SwarmException>(() =>
        {
            var reader = Read(hex);
            while (reader.MoveNext())
            {
                use(ref reader);
            }
        });
        Assert.Equal("invalid_message", exception.Code);
        Assert.Contains(says, exception.Message, StringComparison.Ordinal);
    }

    private static string Hex(Action<ProtobufWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(new ProtobufWriter(output));
        return Convert.ToHexString(output.WrittenSpan);
    }
}
