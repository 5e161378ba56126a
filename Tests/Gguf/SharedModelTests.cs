using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Gguf;

/// <summary>The dequantizers against models that llama.cpp quantized.</summary>
public sealed class SharedModelTests
{
    /// <summary>
    /// Largest error that the types may have on trained weights: root mean square of the error by that of the tensor.
    /// Measured, with a margin of a tenth: a wrong nibble order or sign gives 1 and more.
    /// </summary>
    private static readonly Dictionary<TensorType, double> MaxRelativeError = new()
    {
        [TensorType.F32] = 0,
        [TensorType.F16] = 0.00024,
        [TensorType.BF16] = 0.0019,
        [TensorType.Q8_0] = 0.0068,
        [TensorType.Q6_K] = 0.022,
        [TensorType.Q5_1] = 0.043,
        [TensorType.Q5_0] = 0.055,
        [TensorType.Q5_K] = 0.044,
        [TensorType.Q4_1] = 0.088,
        [TensorType.Q4_0] = 0.107,
        [TensorType.Q4_K] = 0.086,
        [TensorType.IQ4_NL] = 0.092,
        [TensorType.Q3_K] = 0.181,
        [TensorType.Q2_K] = 0.351,
    };

    [Theory]
    [InlineData("babyllama_tok361.BF16.gguf", "babyllama_tok361.f32.gguf")]
    [InlineData("babyllama_tok361.F16.gguf", "babyllama_tok361.f32.gguf")]
    [InlineData("babyllama_tok361.Q4_0.gguf", "babyllama_tok361.f32.gguf")]
    [InlineData("babyllama_tok361.Q4_1.gguf", "babyllama_tok361.f32.gguf")]
    [InlineData("babyllama_tok361.Q5_0.gguf", "babyllama_tok361.f32.gguf")]
    [InlineData("babyllama_tok361.Q5_1.gguf", "babyllama_tok361.f32.gguf")]
    [InlineData("babyllama_tok361.Q8_0.gguf", "babyllama_tok361.f32.gguf")]
    [InlineData("babyllama_tok361_wide256.IQ4_NL.gguf", "babyllama_tok361_wide256.f32.gguf")]
    [InlineData("babyllama_tok361_wide256.Q2_K.gguf", "babyllama_tok361_wide256.f32.gguf")]
    [InlineData("babyllama_tok361_wide256.Q3_K_M.gguf", "babyllama_tok361_wide256.f32.gguf")]
    [InlineData("babyllama_tok361_wide256.Q4_0.gguf", "babyllama_tok361_wide256.f32.gguf")]
    [InlineData("babyllama_tok361_wide256.Q4_K_M.gguf", "babyllama_tok361_wide256.f32.gguf")]
    [InlineData("babyllama_tok361_wide256.Q5_K_M.gguf", "babyllama_tok361_wide256.f32.gguf")]
    [InlineData("babyllama_tok361_wide256.Q6_K.gguf", "babyllama_tok361_wide256.f32.gguf")]
    [InlineData("babyllama_tok361_wide256.Q8_0.gguf", "babyllama_tok361_wide256.f32.gguf")]
    [InlineData("stories260K.F16.gguf", "stories260K.gguf")]
    [InlineData("stories260K.Q2_K.gguf", "stories260K.gguf")]
    [InlineData("stories260K.Q4_K_M.gguf", "stories260K.gguf")]
    [InlineData("stories260K.Q6_K.gguf", "stories260K.gguf")]
    public void Quantized_tensors_are_close_to_the_original(string quantizedName, string originalName)
    {
        using var quantized = GgufFile.Open(SharedData.Require($"models/{quantizedName}"));
        using var original = GgufFile.Open(SharedData.Require($"models/{originalName}"));
        Assert.NotEmpty(quantized.Tensors);
        foreach (var tensor in quantized.Tensors)
        {
            Assert.True(original.TryGetTensor(tensor.Name, out var exact));
            Assert.Equal(exact.Dimensions.AsEnumerable(), tensor.Dimensions.AsEnumerable());
            var error = RelativeError.Of(TensorReading.ReadAll(original, exact), TensorReading.ReadAll(quantized, tensor));
            TestContext.Current.SendDiagnosticMessage("{0} {1} {2} {3:F5}", quantizedName, tensor.Name, tensor.Type, error);
            Assert.True(error <= MaxRelativeError[tensor.Type], $"{tensor.Name} as {tensor.Type}: relative error {error:F5}");
        }
    }

    [Fact]
    public void Every_file_of_llama_cpp_opens()
    {
        var files = Directory.GetFiles(SharedData.Require("models"), "*.gguf")
            .Concat(Directory.GetFiles(SharedData.Require("vocab"), "*.gguf"))
            .ToList();
        Assert.NotEmpty(files);
        Assert.All(files, path =>
        {
            using var file = GgufFile.Open(path);
            Assert.Equal(new FileInfo(path).Length, file.ByteLength);
            Assert.NotEmpty(file.Metadata.GetArray<string>("tokenizer.ggml.tokens"));
        });
    }
}
