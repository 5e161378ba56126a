using System.Security.Cryptography;
using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Gguf;
using ManagedSwarm.Transport.Weights;

namespace ManagedSwarm.Tests.Transport.Weights;

public sealed class PieceHashesTests : IDisposable
{
    // Two whole pieces and one of three bytes; the smallest block of bytes has one element of two.
    private const int LargeBytes = (2 * TensorPieces.PieceBytes) + 4;

    private readonly TemporaryFolder _folder = new();
    private readonly Recorded<HashProgress> _read = new();
    private readonly PieceHashCache _cache;

    public PieceHashesTests()
    {
        _cache = new(_folder.File("pieces"));
        Save(seed: 1);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string ModelPath => _folder.File("model.gguf");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Hashes_each_piece_and_names_the_whole_by_the_hashes()
    {
        using var file = GgufFile.Open(ModelPath);
        var pieces = PieceHashes.Compute(file, _read, Cancellation);
        Assert.True(file.TryGetTensor("large", out var tensor));
        var bytes = TensorReading.ReadBytes(file, tensor);
        byte[] expected = [.. bytes.Chunk(TensorPieces.PieceBytes).SelectMany(SHA256.HashData)];
        var large = pieces.Tensors["large"];
        Assert.Equal((3, LargeBytes), (large.Count, bytes.Length));
        Assert.Equal(expected, large.Hashes);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(expected)), large.BlobId);
        Assert.Equal([TensorPieces.PieceBytes, TensorPieces.PieceBytes, 4], Enumerable.Range(0, 3).Select(i => TensorPieces.LengthOf(i, LargeBytes)));
        Assert.True(large.Matches(2, bytes.AsSpan(2 * TensorPieces.PieceBytes)));
        Assert.False(large.Matches(1, bytes.AsSpan(2 * TensorPieces.PieceBytes)));
        var total = file.Tensors.Sum(info => info.ByteLength);
        Assert.Equal(new(total, total), _read.Values[^1]);
        Assert.Equal(_read.Values.Select(value => value.Done).Order(), _read.Values.Select(value => value.Done));
    }

    [Fact]
    public void What_is_known_is_not_read_again()
    {
        var computed = FindOrCompute();
        Assert.NotEmpty(_read.Values);
        _read.Values.Clear();
        AssertSame(computed, FindOrCompute());
        Assert.Empty(_read.Values);
        using var file = GgufFile.Open(ModelPath);
        AssertSame(computed, new PieceHashCache(_folder.File("pieces")).Find(file)!);
        Assert.Single(Directory.GetFiles(_folder.File("pieces")));
    }

    [Fact]
    public void Another_file_of_the_same_name_is_read_anew()
    {
        var before = FindOrCompute();
        Save(seed: 2);
        File.SetLastWriteTimeUtc(ModelPath, DateTime.UnixEpoch);
        var after = FindOrCompute();
        Assert.NotEqual(before.Tensors["large"].BlobId, after.Tensors["large"].BlobId);
        Assert.Equal(before.Tensors["small"].BlobId, after.Tensors["small"].BlobId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"version":1,"files":[null],"tensors":{}}""")]
    [InlineData("""{"version":1,"files":null,"tensors":{"large":"AAAA"}}""")]
    public void A_cache_that_is_damaged_is_as_none(string text)
    {
        var computed = FindOrCompute();
        File.WriteAllText(Assert.Single(Directory.GetFiles(_folder.File("pieces"))), text);
        _read.Values.Clear();
        AssertSame(computed, FindOrCompute());
        Assert.NotEmpty(_read.Values);
    }

    [Fact]
    public void Too_few_hashes_in_the_cache_are_none()
    {
        var computed = FindOrCompute();
        var path = Assert.Single(Directory.GetFiles(_folder.File("pieces")));
        var text = File.ReadAllText(path);
        var one = new string('A', 43) + "=";
        File.WriteAllText(path, text.Replace(Convert.ToBase64String(computed.Tensors["large"].Hashes), one, StringComparison.Ordinal));
        Assert.NotEqual(text, File.ReadAllText(path));
        using var file = GgufFile.Open(ModelPath);
        Assert.Null(_cache.Find(file));
    }

    [Fact]
    public void Can_be_cancelled_between_two_pieces()
    {
        using var file = GgufFile.Open(ModelPath);
        using var cancelled = new CancellationTokenSource();
        var progress = new Recorded<HashProgress>(_ => cancelled.Cancel());
        Assert.ThrowsAny<OperationCanceledException>(() => PieceHashes.Compute(file, progress, cancelled.Token));
    }

    private static void AssertSame(PieceHashes expected, PieceHashes found)
    {
        Assert.Equal(expected.Tensors.Keys.Order(), found.Tensors.Keys.Order());
        Assert.All(expected.Tensors, pair => Assert.Equal(pair.Value.Hashes.ToArray(), found.Tensors[pair.Key].Hashes.ToArray()));
    }

    private PieceHashes FindOrCompute()
    {
        using var file = GgufFile.Open(ModelPath);
        return _cache.FindOrCompute(file, _read, Cancellation);
    }

    private void Save(int seed)
    {
        var writer = new GgufWriter();
        writer.Set("general.architecture", "llama");
        var random = new Random(seed);
        writer.AddBlocks("large", TensorType.F16, [2, LargeBytes / 4], (_, rows) => random.NextBytes(rows.Span));
        writer.AddTensor("small", TensorType.F32, [3], [1, 2, 3]);
        writer.Save(ModelPath);
    }
}
