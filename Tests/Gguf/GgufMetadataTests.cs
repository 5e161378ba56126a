using ManagedSwarm.Gguf;

namespace ManagedSwarm.Tests.Gguf;

public sealed class GgufMetadataTests
{
    private static readonly GgufMetadata Sample = new(SampleFiles.Metadata);

    [Fact]
    public void Every_type_is_read_as_itself()
    {
        Assert.Equal(4_000_000_000u, Sample.Get<uint>("a.uint32"));
        Assert.Equal(-2_000_000_000, Sample.Get<int>("a.int32"));
        Assert.Equal(18_000_000_000_000_000_000ul, Sample.Get<ulong>("a.uint64"));
        Assert.Equal(-9_000_000_000_000_000_000L, Sample.Get<long>("a.int64"));
        Assert.Equal(0.1f, Sample.Get<float>("a.float32"));
        Assert.Equal(0.1, Sample.Get<double>("a.float64"));
        Assert.True(Sample.Get<bool>("a.bool"));
        Assert.Equal("größer ▁ 🦙", Sample.Get<string>("a.string"));
    }

    [Fact]
    public void A_whole_number_is_read_as_any_type_that_can_hold_it()
    {
        Assert.Equal(200, Sample.Get<int>("a.uint8"));
        Assert.Equal(-100L, Sample.Get<long>("a.int8"));
        Assert.Equal(60_000u, Sample.Get<uint>("a.uint16"));
        Assert.Equal(4_000_000_000L, Sample.Get<long>("a.uint32"));
        Assert.Equal(-30_000f, Sample.Get<float>("a.int16"));
        Assert.Equal(18e18, Sample.Get<double>("a.uint64"));
    }

    [Fact]
    public void A_fraction_is_read_as_either_type_of_fraction()
    {
        Assert.Equal(0.1f, Sample.Get<float>("a.float64"));
        Assert.Equal((double)0.1f, Sample.Get<double>("a.float32"));
    }

    [Fact]
    public void Rejects_a_number_that_the_wanted_type_cannot_hold()
    {
        Rejects(() => Sample.Get<int>("a.uint32"), "'a.uint32' is uint32 4000000000, wanted is int32");
        Rejects(() => Sample.Get<uint>("a.int8"), "'a.int8' is int8 -100, wanted is uint32");
        Rejects(() => Sample.Get<long>("a.uint64"), "'a.uint64' is uint64 18000000000000000000, wanted is int64");
        Rejects(() => new GgufMetadata([new("x", 1e300)]).Get<float>("x"), "'x' is float64 1E+300, wanted is float32");
    }

    [Fact]
    public void Rejects_a_value_of_another_kind()
    {
        Rejects(() => Sample.Get<int>("a.string"), "'a.string' is string \"größer ▁ 🦙\", wanted is int32");
        Rejects(() => Sample.Get<string>("a.int32"), "wanted is string");
        Rejects(() => Sample.Get<int>("a.float32"), "'a.float32' is float32 0.1, wanted is int32");
        Rejects(() => Sample.Get<bool>("a.uint8"), "'a.uint8' is uint8 200, wanted is bool");
        Rejects(() => Sample.Get<int>("a.bool"), "'a.bool' is bool True, wanted is int32");
        Rejects(() => Sample.Get<int>("b.int32"), "'b.int32' is array of int32, wanted is int32");
        Rejects(() => Sample.GetArray<int>("a.int32"), "'a.int32' is int32 -2000000000, wanted is array of int32");
    }

    [Fact]
    public void Rejects_a_missing_key_by_its_name()
    {
        Rejects(() => Sample.Get<int>("llama.block_count"), "'llama.block_count' is missing, wanted is int32");
        Rejects(() => Sample.GetArray<string>("tokens"), "'tokens' is missing, wanted is array of string");
    }

    [Fact]
    public void A_fallback_is_for_missing_keys_only()
    {
        Assert.Equal(7, Sample.Get("missing", 7));
        Assert.False(Sample.TryGet<int>("missing", out _));
        Assert.False(Sample.TryGetArray<int>("missing", out _));
        Assert.Equal(200, Sample.Get("a.uint8", 7));
        Rejects(() => Sample.Get("a.string", 7), "wanted is int32");
        Rejects(() => Sample.TryGet<int>("a.string", out _), "wanted is int32");
    }

    [Fact]
    public void Arrays_are_converted_element_by_element()
    {
        Assert.Equal([1, 255], Sample.GetArray<int>("b.uint8"));
        Assert.Equal([1, -128], Sample.GetArray<long>("b.int8"));
        Assert.Equal([1, uint.MaxValue], Sample.GetArray<uint>("b.uint32"));
        Assert.Equal([1f, 65_535f], Sample.GetArray<float>("b.uint16"));
        Assert.Equal([true, false, true], Sample.GetArray<bool>("b.bool"));
        Assert.Equal(["", "<s>", "▁the"], Sample.GetArray<string>("b.string"));
        Assert.Empty(Sample.GetArray<string>("b.empty"));
    }

    [Fact]
    public void Rejects_an_array_element_out_of_range_even_where_the_runtime_would_reinterpret_it()
    {
        Rejects(() => Sample.GetArray<int>("b.uint32"), "element 1 of 'b.uint32' is uint32 4294967295, wanted is int32");
        Rejects(() => Sample.GetArray<uint>("b.int32"), "element 1 of 'b.int32' is int32 -2147483648, wanted is uint32");
    }

    [Fact]
    public void An_array_is_the_callers_own()
    {
        Sample.GetArray<int>("b.int32")[0] = 99;
        Assert.Equal(1, Sample.GetArray<int>("b.int32")[0]);
    }

    [Fact]
    public void An_error_says_where_the_pair_is()
    {
        var bytes = GgufBytes.Header(0, 2).Number("a", 1).Key("b", GgufValueType.String).Text("x").ToArray();
        var metadata = GgufHeader.Parse(bytes, bytes.Length, GgufLimits.Default).Metadata;
        var exception = Assert.Throws<GgufFormatException>(() => metadata.Get<int>("b"));
        Assert.Equal(GgufBytes.HeaderLength + 17, exception.Offset);
    }

    private static void Rejects(Func<object> read, string reason) =>
        Assert.Contains(reason, Assert.Throws<GgufFormatException>(read).Reason, StringComparison.Ordinal);
}
