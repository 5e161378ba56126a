using System.Buffers;
using ManagedSwarm.Transport.Libp2p.Wire;

namespace ManagedSwarm.Tests.Transport.Libp2p.Wire;

public sealed class VarintTests
{
    // The examples of multiformats' unsigned-varint, and the ends of the range.
    [Theory]
    [InlineData(0UL, "00")]
    [InlineData(1UL, "01")]
    [InlineData(127UL, "7F")]
    [InlineData(128UL, "8001")]
    [InlineData(255UL, "FF01")]
    [InlineData(300UL, "AC02")]
    [InlineData(16384UL, "808001")]
    [InlineData((ulong)long.MaxValue, "FFFFFFFFFFFFFFFF7F")]
    public void Writes_and_reads_numbers(ulong value, string hex)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.Equal(hex.Length / 2, Varint.Write(output, value));

        Assert.Equal(hex, Convert.ToHexString(output.WrittenSpan));
        Assert.Equal(hex.Length / 2, Varint.LengthOf(value));
        Assert.Equal(OperationStatus.Done, Varint.TryRead([.. output.WrittenSpan, 0x55], out var read, out var length));
        Assert.Equal((value, hex.Length / 2), (read, length));
    }

    [Fact]
    public void Waits_for_the_rest_of_a_number()
    {
        byte[] bytes = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F];
        for (var i = 0; i < bytes.Length; i++)
        {
            Assert.Equal(OperationStatus.NeedMoreData, Varint.TryRead(bytes.AsSpan(0, i), out var value, out var length));
            Assert.Equal((0UL, 0), (value, length));
        }
    }

    [Theory]
    [InlineData("8000")]
    [InlineData("FF00")]
    [InlineData("81808000")]
    public void Rejects_a_longer_form_than_is_needed(string hex) =>
        Assert.Equal(OperationStatus.InvalidData, Varint.TryRead(Convert.FromHexString(hex), out _, out _));

    [Theory]
    [InlineData("FFFFFFFFFFFFFFFFFF")]
    [InlineData("FFFFFFFFFFFFFFFFFF01")]
    public void Rejects_more_than_nine_bytes(string hex) =>
        Assert.Equal(OperationStatus.InvalidData, Varint.TryRead(Convert.FromHexString(hex), out _, out _));

    [Fact]
    public void Writes_no_more_than_63_bits()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Varint.Write(new byte[16], 1UL << 63));
        Assert.Throws<ArgumentOutOfRangeException>(() => Varint.LengthOf(1UL << 63));
    }

    [Fact]
    public void A_damaged_number_in_pieces_is_read_as_in_one_piece() => Fuzz.Run(1, mutation =>
    {
        var bytes = mutation.Of(mutation.Pick<byte[]>([[0x00], [0xAC, 0x02], [0x80, 0x80, 0x01], [.. Enumerable.Repeat<byte>(0xFF, 8), 0x7F]]));
        var status = Varint.TryRead(bytes, out var value, out var length);
        Assert.Equal(status, Varint.TryRead(Pieces.Of(bytes, 1 + bytes.Length % 3), out var again, out var lengthAgain));
        Assert.Equal((value, length), (again, lengthAgain));
        if (status != OperationStatus.Done)
        {
            return false;
        }

        var written = new byte[Varint.MaxBytes];
        Assert.Equal(length, Varint.Write(written, value));
        Assert.Equal(bytes[..length], written[..length]);
        return true;
    });
}
