using ManagedSwarm.Gguf;

namespace ManagedSwarm.Tests.Gguf;

/// <summary>One test per rule of the format that a hostile or damaged file can break.</summary>
public sealed class GgufRejectionTests
{
    private const int FirstPair = GgufBytes.HeaderLength;

    /// <summary>Of a file without metadata: where the tensor table begins.</summary>
    private const int FirstTensor = GgufBytes.HeaderLength;

    [Fact]
    public void Rejects_an_empty_file() => Rejects(GgufBytes.Empty(), "empty", 0);

    [Fact]
    public void Rejects_a_text_file() => Rejects(GgufBytes.Empty().Raw("# Read me\n"u8), "not a GGUF file", 0);

    [Fact]
    public void Rejects_a_file_shorter_than_the_magic() => Rejects(GgufBytes.Empty().Raw("GG"u8), "magic needs 4 bytes, 2 are left", 0);

    [Fact]
    public void Rejects_a_wrong_magic() => Rejects(GgufBytes.Empty().Raw("GGML"u8).U32(3).U64(0).U64(0), "0x47474D4C", 0);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(uint.MaxValue)]
    public void Rejects_an_unknown_version(uint version) =>
        Rejects(GgufBytes.Header(0, 0, version), $"version {version}, supported are 2 and 3", 4);

    [Fact]
    public void Rejects_a_big_endian_file() => Rejects(GgufBytes.Header(0, 0, 0x03000000), "big-endian", 4);

    [Theory]
    [InlineData(6, "version", 4)]
    [InlineData(12, "number of tensors", 8)]
    [InlineData(20, "number of metadata pairs", 16)]
    public void Rejects_a_file_that_ends_in_the_header(int length, string what, int offset) =>
        Rejects(GgufBytes.Empty().Raw(GgufBytes.Header(0, 0).ToArray().AsSpan(0, length)), $"{what} needs", offset);

    [Fact]
    public void Rejects_more_tensors_than_the_limit() =>
        Rejects(GgufBytes.Header(ulong.MaxValue, 0), "number of tensors is 18446744073709551615, at most", 8);

    [Fact]
    public void Rejects_more_tensors_than_the_file_has_bytes_for() =>
        Rejects(GgufBytes.Header(1000, 0).Data(100), "number of tensors is 1000, which needs at least 32000 bytes", 8);

    [Fact]
    public void Rejects_more_pairs_than_the_limit() =>
        Rejects(GgufBytes.Header(0, 1UL << 40), "number of metadata pairs is 1099511627776, at most", 16);

    [Fact]
    public void Rejects_more_pairs_than_the_file_has_bytes_for() =>
        Rejects(GgufBytes.Header(0, 1000).Data(100), "number of metadata pairs is 1000, which needs", 16);

    [Fact]
    public void Rejects_a_header_longer_than_the_limit()
    {
        var limits = new GgufLimits { MaxHeaderBytes = 64 };
        var file = GgufBytes.Header(0, 1).Key("key", GgufValueType.String).Text(new string('x', 100));
        Rejects(file, "which needs at least 100 bytes, 17 are left of the 64 that a header may have", FirstPair + 15, limits);
    }

    [Fact]
    public void Rejects_a_key_longer_than_the_limit() =>
        Rejects(GgufBytes.Header(0, 1).U64(70_000).Data(80_000), "length of key 0 is 70000, at most 65535", FirstPair);

    [Fact]
    public void Rejects_a_key_longer_than_the_file() =>
        Rejects(GgufBytes.Header(0, 1).U64(1000).Data(100), "length of key 0 is 1000, which needs", FirstPair);

    [Fact]
    public void Rejects_the_same_key_twice() =>
        Rejects(GgufBytes.Header(0, 2).Number("a", 1).Number("a", 2), "key 'a' occurs twice", FirstPair + 17);

    [Fact]
    public void Rejects_a_key_that_is_not_utf8() =>
        Rejects(GgufBytes.Header(0, 1).U64(2).Raw([(byte)'a', 0xFF]).Raw(new byte[20]), "key 0 is not valid UTF-8", FirstPair + 9);

    [Fact]
    public void Rejects_an_unknown_value_type() =>
        Rejects(GgufBytes.Header(0, 1).Key("a", (GgufValueType)13).U64(0), "type of value of 'a' is 13", FirstPair + 9);

    [Fact]
    public void Rejects_a_value_that_the_file_ends_in() =>
        Rejects(GgufBytes.Header(0, 1).Key("a", GgufValueType.UInt64).U32(7), "value of 'a' needs 8 bytes, 4 are left", FirstPair + 13);

    [Fact]
    public void Rejects_a_bool_of_two() =>
        Rejects(GgufBytes.Header(0, 1).Key("a", GgufValueType.Bool).Raw([2]), "bool of 2", FirstPair + 13);

    [Fact]
    public void Rejects_a_string_longer_than_the_file() =>
        Rejects(
            GgufBytes.Header(0, 1).Key("a", GgufValueType.String).U64(9).Raw(new byte[8]),
            "which needs at least 9 bytes, 8 are left",
            FirstPair + 13);

    [Fact]
    public void Rejects_a_string_of_absurd_length() =>
        Rejects(GgufBytes.Header(0, 1).Key("a", GgufValueType.String).U64(ulong.MaxValue), "at most", FirstPair + 13);

    [Fact]
    public void Rejects_a_string_longer_than_the_limit()
    {
        var limits = new GgufLimits { MaxStringBytes = 10 };
        Rejects(GgufBytes.Header(0, 1).Key("a", GgufValueType.String).Text("eleven char"), "is 11, at most 10", FirstPair + 13, limits);
    }

    [Fact]
    public void Rejects_a_string_that_is_not_utf8() =>
        Rejects(GgufBytes.Header(0, 1).Key("a", GgufValueType.String).U64(3).Raw([0x41, 0xC3, 0x28]), "not valid UTF-8", FirstPair + 22);

    [Fact]
    public void Rejects_an_array_of_arrays() =>
        Rejects(
            GgufBytes.Header(0, 1).Key("a", GgufValueType.Array).U32((uint)GgufValueType.Array).U64(1).U32(4).U64(0),
            "'a' is an array of arrays",
            FirstPair + 13);

    [Fact]
    public void Rejects_an_array_of_an_unknown_type() =>
        Rejects(
            GgufBytes.Header(0, 1).Key("a", GgufValueType.Array).U32(99).U64(0),
            "type of elements of value of 'a' is 99",
            FirstPair + 13);

    [Theory]
    [InlineData((uint)GgufValueType.UInt8)]
    [InlineData((uint)GgufValueType.Bool)]
    [InlineData((uint)GgufValueType.Float64)]
    [InlineData((uint)GgufValueType.String)]
    public void Rejects_an_array_longer_than_the_file(uint type) =>
        Rejects(
            GgufBytes.Header(0, 1).Key("a", GgufValueType.Array).U32(type).U64(33).Raw(new byte[32]),
            "length of value of 'a' is 33, which needs",
            FirstPair + 17);

    [Fact]
    public void Rejects_an_array_of_absurd_length() =>
        Rejects(GgufBytes.Header(0, 1).Key("a", GgufValueType.Array).U32(0).U64(1UL << 62), "at most", FirstPair + 17);

    [Fact]
    public void Rejects_an_array_element_that_the_file_ends_in() =>
        Rejects(
            GgufBytes.Header(0, 1).Key("a", GgufValueType.Array).U32((uint)GgufValueType.String).U64(2).Text("ab").U64(3).Raw("c"u8),
            "length of element of value of 'a' is 3",
            FirstPair + 35);

    [Theory]
    [InlineData(0)]
    [InlineData(24)]
    [InlineData(1u << 31)]
    public void Rejects_an_alignment_that_is_no_power_of_two_or_too_large(uint alignment) =>
        Rejects(GgufBytes.Header(0, 1).Number("general.alignment", alignment), $"'general.alignment' is {alignment}, allowed", FirstPair);

    [Fact]
    public void Rejects_an_alignment_that_is_no_number() =>
        Rejects(GgufBytes.Header(0, 1).Key("general.alignment", GgufValueType.String).Text("32"), "wanted is uint32", FirstPair);

    [Fact]
    public void Rejects_a_tensor_name_longer_than_the_limit() =>
        Rejects(OneTensor(new string('x', 65)), "length of name of tensor 0 is 65, at most 64", FirstTensor);

    [Fact]
    public void Rejects_the_same_tensor_name_twice() =>
        Rejects(
            GgufBytes.Header(2, 0).Tensor("a", TensorType.F32, 0, 4).Tensor("a", TensorType.F32, 32, 4).Data(64),
            "tensor 'a' occurs twice",
            FirstTensor + 33);

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(uint.MaxValue)]
    public void Rejects_a_wrong_number_of_dimensions(uint count) =>
        Rejects(GgufBytes.Header(1, 0).Text("a").U32(count).Data(100), $"{count} dimensions, allowed are 1 to 4", FirstTensor + 9);

    [Theory]
    [InlineData(0)]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    public void Rejects_a_dimension_that_is_zero_or_negative(ulong size) =>
        Rejects(OneTensor("a", dimensions: [4, size]), $"dimension 1 of tensor 'a' is {size}", FirstTensor + 21);

    [Fact]
    public void Rejects_dimensions_whose_product_overflows() =>
        Rejects(OneTensor("a", dimensions: [1UL << 32, 1UL << 31, 1]), "more bytes than can be counted", FirstTensor);

    [Fact]
    public void Rejects_a_row_whose_bytes_overflow() =>
        Rejects(OneTensor("a", dimensions: [long.MaxValue]), "more bytes than can be counted", FirstTensor);

    [Fact]
    public void Rejects_a_row_that_is_longer_than_a_span() => Rejects(
        OneTensor("a", dimensions: [1UL << 29, 1]), $"tensor 'a' has rows of {1L << 31} bytes, allowed are {int.MaxValue}", FirstTensor);

    [Theory]
    [InlineData(TensorType.Q4_0, 48)]
    [InlineData(TensorType.Q6_K, 128)]
    public void Rejects_a_row_that_is_not_whole_blocks(TensorType type, ulong columns) =>
        Rejects(OneTensor("a", type, dimensions: [columns, 2]), $"rows of {columns} elements, {type} needs a multiple", FirstTensor);

    [Theory]
    [InlineData(17, "IQ2_XS")]
    [InlineData(39, "MXFP4")]
    [InlineData(1234, "number 1234")]
    public void Rejects_a_type_that_is_not_supported_by_its_name(uint type, string name) =>
        Rejects(
            OneTensor("blk.0.attn_q.weight", (TensorType)type),
            $"'blk.0.attn_q.weight' has type {name}, supported are F32",
            FirstTensor + 39);

    [Fact]
    public void Rejects_an_offset_that_is_not_aligned() =>
        Rejects(OneTensor("a", offset: 16), "offset 16, which is not a multiple of the alignment 32", FirstTensor + 25);

    [Theory]
    [InlineData(64)]
    [InlineData(1UL << 62)]
    public void Rejects_an_offset_past_the_end(ulong offset) => Rejects(OneTensor("a", offset: offset), "the file has 80", FirstTensor);

    [Fact]
    public void Rejects_an_offset_that_no_file_can_have() =>
        Rejects(OneTensor("a", offset: ulong.MaxValue - 31), "which no file can have", FirstTensor + 25);

    [Fact]
    public void Rejects_data_that_the_file_ends_in() =>
        Rejects(OneTensor("a", dimensions: [5]), "tensor 'a' ends at byte 84, the file has 80", FirstTensor);

    [Fact]
    public void Rejects_data_that_overlap() =>
        Rejects(
            GgufBytes.Header(2, 0).Tensor("a", TensorType.F32, 32, 4).Tensor("b", TensorType.F32, 0, 9).Data(64),
            "tensor 'a' overlaps tensor 'b'",
            FirstTensor);

    [Fact]
    public void Rejects_a_file_that_ends_in_the_tensor_table() =>
        Rejects(GgufBytes.Header(1, 0).Text("abcdefgh").U32(2).U64(1).U64(1), "type of tensor 'abcdefgh' needs 4 bytes, 0 are left", 60);

    /// <summary>
    /// A file of one tensor and 16 bytes of data, from byte 64 on where the name has one letter and there is one dimension.
    /// </summary>
    private static GgufBytes OneTensor(string name, TensorType type = TensorType.F32, ulong offset = 0, ulong[]? dimensions = null) =>
        GgufBytes.Header(1, 0).Tensor(name, type, offset, dimensions ?? [4]).Data(16);

    private static void Rejects(GgufBytes file, string reason, long offset, GgufLimits? limits = null)
    {
        var bytes = file.ToArray();
        var exception = Assert.Throws<GgufFormatException>(() => GgufHeader.Parse(bytes, bytes.Length, limits ?? GgufLimits.Default));
        Assert.Contains(reason, exception.Reason, StringComparison.Ordinal);
        Assert.Equal(offset, exception.Offset);
    }
}
