using ManagedSwarm.Gguf;
using ManagedSwarm.ModelsTest;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Gguf;

namespace ManagedSwarm.Tests.ModelsTest;

public sealed class ModelGeneratorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<TensorType> AllTypes => new(Enum.GetValues<TensorType>());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_tiny_model_of_the_repository_can_be_made_again_to_the_byte()
    {
        var committed = File.ReadAllBytes(Repository.File("models-test/tiny.gguf"));
        Assert.InRange(committed.Length, 1, 400_000);
        Assert.Equal(committed, File.ReadAllBytes(Generate(ModelPresets.Tiny)));
    }

    [Fact]
    public void Another_seed_gives_other_weights()
    {
        using var one = GgufFile.Open(Generate(new ModelShape(), "one.gguf"));
        using var two = GgufFile.Open(Generate(new ModelShape { Seed = 2 }, "two.gguf"));
        var differing = one.Tensors.Zip(two.Tensors)
            .Where(pair => !TensorReading.ReadBytes(one, pair.First).SequenceEqual(TensorReading.ReadBytes(two, pair.Second)))
            .Select(pair => pair.First.Name);
        Assert.Equal(one.Tensors.Where(tensor => tensor.Dimensions.Length == 2).Select(tensor => tensor.Name), differing);
    }

    [Fact]
    public void A_shape_is_what_the_metadata_say()
    {
        var shape = new ModelShape
        {
            Name = "a name",
            HiddenSize = 96,
            LayerCount = 3,
            HeadCount = 6,
            KvHeadCount = 3,
            HeadSize = 24,
            FeedForwardSize = 160,
            VocabularySize = 400,
            ContextLength = 777,
            RopeBase = 12345f,
            RopeScaling = new RopeScalingShape("yarn", 4, 512),
            RopeFrequencies = true,
            ChatTemplate = "{{ messages }}",
        };
        using var file = GgufFile.Open(Generate(shape));
        var metadata = file.Metadata;
        Assert.Equal("llama", metadata.Get<string>("general.architecture"));
        Assert.Equal("a name", metadata.Get<string>("general.name"));
        Assert.Equal(96, metadata.Get<int>("llama.embedding_length"));
        Assert.Equal(3, metadata.Get<int>("llama.block_count"));
        Assert.Equal(6, metadata.Get<int>("llama.attention.head_count"));
        Assert.Equal(3, metadata.Get<int>("llama.attention.head_count_kv"));
        Assert.Equal(24, metadata.Get<int>("llama.attention.key_length"));
        Assert.Equal(24, metadata.Get<int>("llama.rope.dimension_count"));
        Assert.Equal(160, metadata.Get<int>("llama.feed_forward_length"));
        Assert.Equal(777, metadata.Get<int>("llama.context_length"));
        Assert.Equal(12345f, metadata.Get<float>("llama.rope.freq_base"));
        Assert.Equal("yarn", metadata.Get<string>("llama.rope.scaling.type"));
        Assert.Equal(4f, metadata.Get<float>("llama.rope.scaling.factor"));
        Assert.Equal(512, metadata.Get<int>("llama.rope.scaling.original_context_length"));
        Assert.Equal("{{ messages }}", metadata.Get<string>("tokenizer.chat_template"));
        HasTensor(file, "token_embd.weight", 96, 400);
        HasTensor(file, "output.weight", 96, 400);
        HasTensor(file, "output_norm.weight", 96);
        HasTensor(file, "rope_freqs.weight", 12);
        HasTensor(file, "blk.2.attn_q.weight", 96, 144);
        HasTensor(file, "blk.2.attn_k.weight", 96, 72);
        HasTensor(file, "blk.2.attn_output.weight", 144, 96);
        HasTensor(file, "blk.2.ffn_down.weight", 160, 96);
        Assert.Equal(4 + (3 * 9), file.Tensors.Count);
    }

    [Fact]
    public void Qwen2_has_biases_and_tied_embeddings_no_output()
    {
        using var file = GgufFile.Open(Generate(new ModelShape { Architecture = "qwen2", TiedEmbeddings = true }));
        Assert.Equal(2, file.Metadata.Get<int>("qwen2.block_count"));
        HasTensor(file, "blk.1.attn_q.bias", 64);
        HasTensor(file, "blk.1.attn_v.bias", 32);
        Assert.False(file.TryGetTensor("output.weight", out _));
    }

    [Theory]
    [InlineData(259)]
    [InlineData(300)]
    [InlineData(32000)]
    [InlineData(490_000)]
    public void A_vocabulary_of_any_size_is_complete(int size)
    {
        var shape = new ModelShape { VocabularySize = size, HiddenSize = 2, LayerCount = 1, TiedEmbeddings = true };
        using var file = GgufFile.Open(Generate(shape));
        var tokens = file.Metadata.GetArray<string>("tokenizer.ggml.tokens");
        var types = file.Metadata.GetArray<int>("tokenizer.ggml.token_type");
        Assert.Equal(size, tokens.Length);
        Assert.Equal(size, types.Length);
        Assert.Equal(size, file.Metadata.GetArray<float>("tokenizer.ggml.scores").Length);
        Assert.Equal(size, tokens.Distinct().Count());
        Assert.Equal(["<unk>", "<s>", "</s>", "<0x00>"], tokens[..4]);
        Assert.Equal("<0xFF>", tokens[258]);
        Assert.Equal(256, types.Count(type => type == 6));
        Assert.Equal(2u, file.Metadata.Get<uint>("tokenizer.ggml.eos_token_id"));
    }

    [Theory]
    [MemberData(nameof(AllTypes))]
    public void Weights_of_every_type_have_the_wanted_mean_and_deviation(TensorType type)
    {
        const float Deviation = 0.05f;
        var shape = new ModelShape { HiddenSize = 256, FeedForwardSize = 512, LayerCount = 1, Type = type, WeightScale = Deviation };
        using var file = GgufFile.Open(Generate(shape));
        foreach (var tensor in file.Tensors.Where(tensor => tensor.Dimensions.Length == 2 && tensor.Columns % 256 == 0))
        {
            Assert.Equal(type, tensor.Type);
            var values = TensorReading.ReadAll(file, tensor).Select(value => (double)value).ToList();
            // The formats with as many levels below zero as from zero on have their mean half a level below it.
            Assert.Equal(0, values.Average(), 0.15 * Deviation);
            Assert.Equal(Deviation, Math.Sqrt(values.Average(value => value * value)), 0.1 * Deviation);
        }
    }

    [Fact]
    public void Norms_change_nothing()
    {
        using var file = GgufFile.Open(Generate(new ModelShape()));
        Assert.True(file.TryGetTensor("blk.0.ffn_norm.weight", out var norm));
        Assert.Equal(TensorType.F32, norm.Type);
        Assert.All(TensorReading.ReadAll(file, norm), value => Assert.Equal(1f, value));
    }

    [Fact]
    public void A_mixed_model_has_its_sensitive_matrices_in_six_bits()
    {
        var shape = new ModelShape { HiddenSize = 256, FeedForwardSize = 256, HeadCount = 16, LayerCount = 8, Type = TensorType.Q4_K };
        using var file = GgufFile.Open(Generate(shape with { Mixed = true }));
        Assert.Equal(TensorType.Q6_K, TypeOf(file, "output.weight"));
        Assert.Equal(TensorType.Q4_K, TypeOf(file, "token_embd.weight"));
        Assert.All(Enumerable.Range(0, 8), layer =>
        {
            // What llama.cpp does with 8 layers.
            var expected = layer is 0 or 3 or 6 or 7 ? TensorType.Q6_K : TensorType.Q4_K;
            Assert.Equal(expected, TypeOf(file, $"blk.{layer}.ffn_down.weight"));
            Assert.Equal(expected, TypeOf(file, $"blk.{layer}.attn_v.weight"));
            Assert.Equal(TensorType.Q4_K, TypeOf(file, $"blk.{layer}.ffn_up.weight"));
        });
    }

    [Fact]
    public void Types_may_differ_by_tensor_and_give_way_where_rows_are_not_whole_blocks()
    {
        var shape = new ModelShape
        {
            FeedForwardSize = 100,
            Type = TensorType.Q4_K,
            TypeOverrides = new Dictionary<string, TensorType>
            {
                ["attn_k.weight"] = TensorType.F32,
                ["blk.1.attn_k.weight"] = TensorType.BF16,
            },
        };
        using var file = GgufFile.Open(Generate(shape));
        Assert.Equal(TensorType.F32, TypeOf(file, "blk.0.attn_k.weight"));
        Assert.Equal(TensorType.BF16, TypeOf(file, "blk.1.attn_k.weight"));
        Assert.Equal(TensorType.Q8_0, TypeOf(file, "blk.0.attn_q.weight"));
        Assert.Equal(TensorType.F16, TypeOf(file, "blk.0.ffn_down.weight"));
    }

    [Fact]
    public void A_model_can_be_split()
    {
        var parts = ModelGenerator.WriteSplit(_folder.File("split"), new ModelShape(), maxDataBytes: 100_000);
        Assert.True(parts.Count > 1);
        using var split = GgufFile.Open(parts[0]);
        using var whole = GgufFile.Open(Generate(new ModelShape()));
        Assert.Equal(whole.Tensors.Select(tensor => tensor.Name), split.Tensors.Select(tensor => tensor.Name));
        Assert.Equal(TensorReading.ReadBytes(whole, whole.Tensors[^1]), TensorReading.ReadBytes(split, split.Tensors[^1]));
    }

    [Fact]
    public void Rejects_a_shape_that_no_model_has()
    {
        Rejects(new ModelShape { Architecture = "gpt2" }, "allowed are llama and qwen2");
        Rejects(new ModelShape { HeadCount = 4, KvHeadCount = 3 }, "does not divide");
        Rejects(new ModelShape { HeadSize = 15 }, "must be even");
        Rejects(new ModelShape { LayerCount = 0 }, "must be positive");
        Rejects(new ModelShape { VocabularySize = 258 }, "allowed are 259 to");
        Rejects(new ModelShape { RopeScaling = new RopeScalingShape("longrope", 2, 128) }, "linear or yarn");
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    private string Generate(ModelShape shape, string name = "model.gguf")
    {
        var path = _folder.File(name);
        ModelGenerator.Write(path, shape);
        return path;
    }

    private void Rejects(ModelShape shape, string reason) =>
        Assert.Contains(reason, Assert.Throws<ArgumentException>(() => Generate(shape)).Message, StringComparison.Ordinal);

    private static TensorType TypeOf(GgufFile file, string name) =>
        file.TryGetTensor(name, out var tensor) ? tensor.Type : throw new KeyNotFoundException(name);

    private static void HasTensor(GgufFile file, string name, params long[] dimensions)
    {
        Assert.True(file.TryGetTensor(name, out var tensor), name);
        Assert.Equal(dimensions, tensor.Dimensions);
    }
}
