using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Gguf.Blocks;

public sealed class QuantizeTests
{
    /// <summary>How much worse than ggml's quantizers ours may be, by root mean square error. They are not the same, only alike.</summary>
    private const double MaxErrorByGgml = 1.01;

    /// <summary>Root mean square error of normal noise, by its deviation.</summary>
    private static readonly Dictionary<TensorType, double> MaxNoiseError = new()
    {
        [TensorType.F32] = 0,
        [TensorType.F16] = 0.0003,
        [TensorType.BF16] = 0.002,
        [TensorType.Q8_0] = 0.006,
        [TensorType.Q6_K] = 0.02,
        [TensorType.Q4_K] = 0.08,
        [TensorType.Q4_0] = 0.09,
    };

    public static TheoryData<TensorType> Types => new(MaxNoiseError.Keys);

    [Fact]
    public void Just_these_types_have_a_quantizer()
    {
        Assert.Equal(MaxNoiseError.Keys.Order(), Enum.GetValues<TensorType>().Where(BlockCodec.CanQuantize).Order());
        Assert.Throws<NotSupportedException>(() => BlockCodec.Quantize(TensorType.Q5_K, new float[256], new byte[176]));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Noise_comes_back_within_the_error_of_its_type(TensorType type)
    {
        var random = new Random(1);
        var values = new float[256 * 64];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        Assert.InRange(RelativeError.Of(values, RoundTrip(type, values)), 0, MaxNoiseError[type]);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Zeros_come_back_as_zeros(TensorType type) => Assert.All(RoundTrip(type, new float[256]), value => Assert.Equal(0f, value));

    [Theory]
    [MemberData(nameof(Types))]
    public void Equal_values_come_back(TensorType type)
    {
        // A power of two, so that no scale needs rounding; the formats differ in which sign is at the end of their range.
        foreach (var value in new[] { 0.5f, -0.5f })
        {
            var values = new float[256];
            values.AsSpan().Fill(value);
            Assert.All(RoundTrip(type, values), back => Assert.Equal(value, back, 0.07f * 0.5f));
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void What_cannot_be_stored_does_no_harm(TensorType type)
    {
        foreach (var value in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.Epsilon, 1e-40f })
        {
            var values = new float[256];
            values[7] = value;
            Assert.Equal(256, RoundTrip(type, values).Length);
            values.AsSpan().Fill(value);
            Assert.Equal(256, RoundTrip(type, values).Length);
        }
    }

    [Fact]
    public void Halves_and_brain_floats_are_rounded_to_even()
    {
        Assert.Equal([1f, 1f + (2f / 1024)], RoundTrip(TensorType.F16, [1f + (0.5f / 1024), 1f + (1.5f / 1024)]));
        Assert.Equal([1f, 1f + (2f / 128)], RoundTrip(TensorType.BF16, [1f + (0.5f / 128), 1f + (1.5f / 128)]));
        var signallingNaN = BitConverter.UInt32BitsToSingle(0x7F800001);
        Assert.All(RoundTrip(TensorType.BF16, [signallingNaN, -float.NaN]), value => Assert.True(float.IsNaN(value)));
    }

    [Theory]
    [InlineData("babyllama_tok361.BF16.gguf", "babyllama_tok361.f32.gguf", TensorType.BF16)]
    [InlineData("babyllama_tok361.F16.gguf", "babyllama_tok361.f32.gguf", TensorType.F16)]
    [InlineData("stories260K.F16.gguf", "stories260K.gguf", TensorType.F16)]
    [InlineData("babyllama_tok361.Q8_0.gguf", "babyllama_tok361.f32.gguf", TensorType.Q8_0)]
    [InlineData("babyllama_tok361_wide256.Q8_0.gguf", "babyllama_tok361_wide256.f32.gguf", TensorType.Q8_0)]
    [InlineData("babyllama_tok361.Q4_0.gguf", "babyllama_tok361.f32.gguf", TensorType.Q4_0)]
    [InlineData("babyllama_tok361_wide256.Q4_0.gguf", "babyllama_tok361_wide256.f32.gguf", TensorType.Q4_0)]
    public void Simple_types_come_out_as_from_llama_cpp_to_the_byte(string quantizedName, string originalName, TensorType type)
    {
        ForEachTensor(quantizedName, originalName, type, (name, values, blocks) =>
        {
            var ours = new byte[blocks.Length];
            BlockCodec.Quantize(type, values, ours);
            Assert.True(blocks.AsSpan().SequenceEqual(ours), $"{name} differs at byte {blocks.AsSpan().CommonPrefixLength(ours)}");
        });
    }

    [Theory]
    [InlineData("babyllama_tok361_wide256.Q4_K_M.gguf", "babyllama_tok361_wide256.f32.gguf", TensorType.Q4_K)]
    [InlineData("babyllama_tok361_wide256.Q4_K_M.gguf", "babyllama_tok361_wide256.f32.gguf", TensorType.Q6_K)]
    [InlineData("babyllama_tok361_wide256.Q6_K.gguf", "babyllama_tok361_wide256.f32.gguf", TensorType.Q6_K)]
    public void Searched_types_are_as_good_as_from_llama_cpp(string quantizedName, string originalName, TensorType type)
    {
        ForEachTensor(quantizedName, originalName, type, (name, values, blocks) =>
        {
            var theirs = new float[values.Length];
            BlockCodec.Dequantize(type, blocks, theirs);
            var ratio = RelativeError.Of(values, RoundTrip(type, values)) / RelativeError.Of(values, theirs);
            TestContext.Current.SendDiagnosticMessage("{0} {1} {2:F4}", name, type, ratio);
            Assert.True(ratio <= MaxErrorByGgml, $"{name}: error is {ratio:F4} of llama.cpp's");
        });
    }

    private static void ForEachTensor(string quantizedName, string originalName, TensorType type, Action<string, float[], byte[]> check)
    {
        using var quantized = GgufFile.Open(SharedData.Require($"models/{quantizedName}"));
        using var original = GgufFile.Open(SharedData.Require($"models/{originalName}"));
        var tensors = quantized.Tensors.Where(tensor => tensor.Type == type).ToList();
        Assert.NotEmpty(tensors);
        foreach (var tensor in tensors)
        {
            Assert.True(original.TryGetTensor(tensor.Name, out var exact));
            check(tensor.Name, TensorReading.ReadAll(original, exact), TensorReading.ReadBytes(quantized, tensor));
        }
    }

    private static float[] RoundTrip(TensorType type, float[] values)
    {
        var blocks = new byte[type.RowBytes(values.Length)];
        BlockCodec.Quantize(type, values, blocks);
        var back = new float[values.Length];
        BlockCodec.Dequantize(type, blocks, back);
        return back;
    }
}
